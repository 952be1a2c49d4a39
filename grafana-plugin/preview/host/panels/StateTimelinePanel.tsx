import { dateTimeFormat, FieldType, getFieldDisplayName, type GrafanaTheme2, type PanelProps } from '@grafana/data';
import { css } from '@emotion/css';
import { useStyles2, useTheme2 } from '@grafana/ui';
import { isEmpty, Nothing } from './Nothing';
import { spansOf } from './spans';

const TICKS = 6;

/** Which state each series was in, from when to when. */
export const StateTimelinePanel = ({ data, width, height, timeRange, timeZone, fieldConfig }: PanelProps) => {
  const styles = useStyles2(stylesOf);
  const theme = useTheme2();
  if (isEmpty(data)) return <Nothing {...{ data, fieldConfig }} />;
  const [from, to] = [timeRange.from.valueOf(), timeRange.to.valueOf()];
  const percent = (time: number): string => `${(((time - from) / (to - from)) * 100).toFixed(2)}%`;
  const rows = data.series.flatMap((frame) => {
    const times = frame.fields.find(({ type }) => type === FieldType.time)?.values as number[] | undefined;
    return frame.fields
      .filter(({ type }) => type === FieldType.number)
      .map((field) => ({ field, name: getFieldDisplayName(field, frame, data.series), times: times ?? [] }));
  });
  return (
    <div className={styles.box} style={{ width, height }}>
      {rows.map(({ field, name, times }, row) => (
        <div key={row} className={styles.row}>
          <span className={styles.name}>{name}</span>
          <div className={styles.spans}>
            {spansOf(times, field.values as (number | null)[], to).map((span) => {
              const { text, color } = field.display?.(span.value) ?? { text: String(span.value), color: '' };
              const background = color ?? theme.colors.border.strong;
              return (
                <span
                  key={span.from}
                  className={styles.span}
                  title={`${text}, from ${dateTimeFormat(span.from, { timeZone })} to ${dateTimeFormat(span.to, { timeZone })}`}
                  style={{
                    left: percent(span.from),
                    width: `calc(${percent(from + span.to - span.from)} - 1px)`,
                    background,
                    color: theme.colors.getContrastText(background),
                  }}
                >
                  {text}
                </span>
              );
            })}
          </div>
        </div>
      ))}
      <div className={styles.ticks}>
        {Array.from({ length: TICKS }, (_, i) => (
          <span key={i}>{dateTimeFormat(from + ((to - from) * i) / (TICKS - 1), { timeZone, format: 'HH:mm' })}</span>
        ))}
      </div>
    </div>
  );
};

const stylesOf = (theme: GrafanaTheme2) => ({
  box: css({ display: 'flex', flexDirection: 'column', gap: theme.spacing(0.5), fontSize: theme.typography.size.sm }),
  row: css({ display: 'flex', flex: '1 1 0', minHeight: theme.spacing(3), gap: theme.spacing(1) }),
  name: css({ width: theme.spacing(8), alignSelf: 'center', textAlign: 'right', overflow: 'hidden' }),
  spans: css({ position: 'relative', flex: 1, overflow: 'hidden' }),
  span: css({
    ...{ position: 'absolute', top: 0, bottom: 0, display: 'flex', alignItems: 'center', justifyContent: 'center' },
    ...{ overflow: 'hidden', whiteSpace: 'nowrap', minWidth: 1 },
  }),
  ticks: css({
    display: 'flex',
    justifyContent: 'space-between',
    paddingLeft: theme.spacing(9),
    color: theme.colors.text.secondary,
  }),
});
