import { css } from '@emotion/css';
import { useStyles2, useTheme2 } from '@grafana/ui';

type Props = {
  readonly values: readonly number[];
  readonly label: string;
  readonly width?: number;
  readonly height?: number;
};

/** A line without axes: how something went. What it says is in `label`, too. */
export const Sparkline = ({ values, label, width = 100, height = 22 }: Props) => {
  const styles = useStyles2(stylesOf);
  const theme = useTheme2();
  if (values.length < 2) return null;
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const x = (i: number): number => (i / (values.length - 1)) * width;
  const y = (value: number): number =>
    high === low ? height / 2 : height - 1 - ((value - low) / (high - low)) * (height - 2);
  const path = values.map((value, i) => `${i === 0 ? 'M' : 'L'}${x(i).toFixed(1)},${y(value).toFixed(1)}`).join('');
  return (
    <svg role="img" aria-label={label} width={width} height={height} className={styles}>
      <path d={path} fill="none" stroke={theme.visualization.getColorByName('blue')} strokeWidth={1.5} />
    </svg>
  );
};

const stylesOf = () => css({ display: 'block' });
