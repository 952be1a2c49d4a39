import type { GrafanaTheme2, PanelProps } from '@grafana/data';
import { css } from '@emotion/css';
import { t, Trans } from '@grafana/i18n';
import { useStyles2 } from '@grafana/ui';
import { useMemo } from 'react';
import { ComponentBars } from '../../components/score/ComponentBars';
import { ScoreGauge } from '../../components/score/ScoreGauge';
import { percent } from '../../components/format';
import { type Component, gradeOf } from '../../domain/score/score';
import { PanelState } from '../shared/PanelState';
import type { HealthScoreOptions } from './options';
import { type DatabaseScore, nameOf, scoresOf } from './scores';

/** Below this share of the weight the exporters give no grade, however the score is. */
const LEAST_COVERAGE = 0.5;
/** Room that components want beside or below a gauge. */
const COMPONENTS_WIDTH = 320;

const GAP = 16;
/** Name and difference, above and below the gauge. */
const WORDS = 44;
const [SMALLEST, LARGEST] = [84, 150];
/** Of several, each with what costs it. */
const SEVERAL = 104;

const costs = ({ points }: Component): boolean => points === null || points < 99.5;

/** The largest size at which so many gauges fit without scrolling, as far as they can be read. */
export const sizeOf = (gauges: number, width: number, height: number): number => {
  const fits = (size: number): boolean => {
    const columns = Math.max(1, Math.floor((width + GAP) / (size + GAP)));
    return Math.ceil(gauges / columns) * (size + WORDS + GAP) - GAP <= height && size <= width;
  };
  for (let size = LARGEST; size > SMALLEST; size -= 6) if (fits(size)) return size;
  return SMALLEST;
};

export const HealthScorePanel = (props: PanelProps<HealthScoreOptions>) => {
  const { data, options, width, height, fieldConfig } = props;
  const styles = useStyles2(stylesOf);
  const scores = useMemo(() => scoresOf(data.series), [data.series]);
  const shown = options.most > 0 ? scores.slice(0, options.most) : scores;
  const alone = shown.length === 1;
  const withComponents = Math.min(sizeOf(1, width, height), alone ? LARGEST : SEVERAL);
  return (
    <PanelState
      {...{ data, fieldConfig, isEmpty: scores.length === 0 }}
      emptyTitle={t('panel.score.empty', 'No score in this data')}
      hint={
        <Trans i18nKey="panel.score.hint">
          Ask Prometheus for db_performance_score, db_performance_score_component and
          db_performance_score_component_weight of the Submilli database exporter.
        </Trans>
      }
    >
      {() => (
        <div className={styles.scroll} style={{ width, height }} tabIndex={0} role="group" aria-label={labelOf(scores)}>
          {shown.map((score) => (
            <Database
              key={`${score.cluster} ${score.target} ${score.database}`}
              {...{ score, options, width, name: nameOf(score, scores) }}
              alone={alone}
              size={options.show === 'gauges' ? sizeOf(shown.length, width, height) : withComponents}
            />
          ))}
          {shown.length < scores.length ? (
            <p className={styles.quiet}>
              {t('panel.score.more', 'and {{more}} with a higher score', { more: scores.length - shown.length })}
            </p>
          ) : null}
        </div>
      )}
    </PanelState>
  );
};

const labelOf = (scores: readonly DatabaseScore[]): string =>
  t('panel.score.label', 'Health of {{databases}} databases, the lowest first', { databases: scores.length });

type DatabaseProps = Pick<PanelProps<HealthScoreOptions>, 'options' | 'width'> & {
  readonly size: number;
  /** Of several databases only those components are told that cost one something: else none but the first were seen. */
  readonly alone: boolean;
  readonly score: DatabaseScore;
  readonly name: string;
};

const Database = ({ score, name, options, width, size, alone }: DatabaseProps) => {
  const styles = useStyles2(stylesOf);
  const { value, difference, coverage } = score;
  const components = alone ? score.components : score.components.filter(costs);
  const beside = width >= COMPONENTS_WIDTH + 120;
  const hasRoom = options.show === 'gauges-and-components' && components.length > 0;
  return (
    <section className={styles.database} aria-label={name} data-beside={beside && hasRoom}>
      <div className={styles.gauge}>
        <h3 className={styles.name}>{name}</h3>
        <ScoreGauge
          {...{ value, size, difference: options.compare ? difference : null }}
          grade={coverage !== null && coverage < LEAST_COVERAGE ? 'unknown' : gradeOf(value)}
        />
        {coverage === null || coverage >= 0.995 ? null : (
          <p className={styles.quiet}>
            {t('panel.score.coverage', 'rests on {{coverage}} of its weight', { coverage: percent(coverage) })}
          </p>
        )}
      </div>
      {hasRoom ? (
        <div className={styles.components}>
          <ComponentBars components={components} />
        </div>
      ) : null}
    </section>
  );
};

const stylesOf = (theme: GrafanaTheme2) => ({
  scroll: css({
    overflow: 'auto',
    display: 'flex',
    flexWrap: 'wrap',
    gap: theme.spacing(2),
    alignContent: 'flex-start',
  }),
  database: css({
    ...{ display: 'grid', gap: theme.spacing(1), justifyItems: 'center', alignItems: 'center', minWidth: 0 },
    '&[data-beside="true"]': { gridTemplateColumns: 'auto minmax(0, 1fr)', flex: `1 1 ${theme.spacing(54)}` },
  }),
  gauge: css({ display: 'flex', flexDirection: 'column', alignItems: 'center' }),
  name: css({
    ...theme.typography.body,
    fontWeight: theme.typography.fontWeightMedium,
    margin: 0,
    overflowWrap: 'anywhere',
  }),
  components: css({ width: '100%', minWidth: 0 }),
  quiet: css({ color: theme.colors.text.secondary, fontSize: theme.typography.bodySmall.fontSize, margin: 0 }),
});
