import type { GrafanaTheme2, TimeZone } from '@grafana/data';
import { css } from '@emotion/css';
import { useStyles2 } from '@grafana/ui';
import type { ReactNode } from 'react';
import { formatTime } from './format';

type Props = { readonly time: number; readonly timeZone?: TimeZone; readonly children: ReactNode };

/** The values under the pointer, over a chart. Who does not use a pointer finds them in the table beside it. */
export const Readout = ({ time, timeZone, children }: Props) => {
  const styles = useStyles2(stylesOf);
  return (
    <div className={styles.readout} data-testid="readout">
      <strong>{formatTime(time, timeZone)}</strong>
      {children}
    </div>
  );
};

const stylesOf = (theme: GrafanaTheme2) => ({
  readout: css({
    ...{
      position: 'absolute',
      top: 0,
      left: theme.spacing(8),
      display: 'flex',
      flexWrap: 'wrap',
      pointerEvents: 'none',
    },
    ...{ columnGap: theme.spacing(1.5), padding: theme.spacing(0.25, 1), borderRadius: theme.shape.radius.default },
    ...{ background: theme.colors.background.elevated, boxShadow: theme.shadows.z1 },
    fontSize: theme.typography.bodySmall.fontSize,
  }),
});
