import { type DataFrame, dateTimeFormat } from '@grafana/data';
import { type UPlotConfigBuilder, useTheme2 } from '@grafana/ui';
import { useLayoutEffect, useMemo, useState } from 'react';
import type uPlot from 'uplot';

type Props = { readonly config: UPlotConfigBuilder; readonly annotations: readonly DataFrame[] };
type Mark = { readonly time: number; readonly color: string; readonly title: string };

const valuesOf = (frame: DataFrame, name: string): readonly unknown[] =>
  frame.fields.find((one) => one.name === name)?.values ?? [];

const text = (value: unknown, otherwise: string): string => (typeof value === 'string' ? value : otherwise);

export const marksIn = (annotations: readonly DataFrame[]): readonly Mark[] =>
  annotations.flatMap((frame) => {
    const [colors, titles] = [valuesOf(frame, 'color'), valuesOf(frame, 'title')];
    return valuesOf(frame, 'time').map((time, i) => ({
      ...{ time: Number(time), color: text(colors[i], 'red'), title: text(titles[i], '') },
    }));
  });

/** Lines at the times of annotations; what they are about is said at their foot. */
export const AnnotationMarks = ({ config, annotations }: Props) => {
  const theme = useTheme2();
  const [plot, setPlot] = useState<uPlot>();
  const [, setDrawn] = useState(0);
  const marks = useMemo(() => marksIn(annotations), [annotations]);
  useLayoutEffect(() => {
    config.addHook('init', setPlot);
    config.addHook('draw', () => setDrawn((times) => times + 1));
  }, [config]);
  if (plot === undefined) return null;
  const { left, top, width, height } = plot.over.getBoundingClientRect();
  const origin = plot.root.getBoundingClientRect();
  return marks.map(({ time, color, title }) => {
    const x = plot.valToPos(time, 'x');
    if (x < 0 || x > width) return null;
    const drawn = theme.visualization.getColorByName(color);
    const when = dateTimeFormat(time);
    return (
      <span
        {...{ key: `${time} ${title}`, role: 'img', title: `${title}, ${when}`, 'aria-label': title }}
        data-testid="annotation"
        style={{
          ...{
            position: 'absolute',
            left: left - origin.left + x - 4,
            top: top - origin.top,
            height: height + 6,
            width: 8,
          },
          background: `linear-gradient(${drawn}, ${drawn}) center / 1px 100% no-repeat`,
          borderBottom: `5px solid ${drawn}`,
        }}
      />
    );
  });
};
