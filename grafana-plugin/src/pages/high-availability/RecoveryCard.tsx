import { dateTimeFormat, type GrafanaTheme2 } from '@grafana/data';
import { css } from '@emotion/css';
import { t } from '@grafana/i18n';
import { useStyles2 } from '@grafana/ui';
import type { RecoveryOfFault, TopologyAnswer } from '@submilli/api/topology';
import { useUrlValue } from '../../app/url-value';
import { Card } from '../../components/Card';
import { type Column, DataTable } from '../../components/DataTable';
import { NOTHING } from '../../components/format';
import { causeWord, exact } from './words';

/** How long nothing can be written after each fault: as the timers predict, and as it last was. */
export const RecoveryCard = ({ recovery }: { readonly recovery: TopologyAnswer['recovery'] }) => {
  const styles = useStyles2(stylesOf);
  const [sort, setSort] = useUrlValue('recovery', 'fault');
  const { faults, patroniVersion, why } = recovery;
  return (
    <Card title={t('ha.recovery', 'Recovery times')}>
      {faults.length === 0 ? null : (
        <DataTable
          label={t('ha.recovery', 'Recovery times')}
          {...{ columns: columnsOf(), rows: faults, sort }}
          keyOf={({ fault }) => fault}
          onSort={setSort}
        />
      )}
      <p className={styles.quiet}>
        {why === null
          ? t('ha.predicted-by', 'Predicted by the timers as Patroni {{version}} takes them.', {
              version: patroniVersion ?? '',
            })
          : t('ha.no-prediction', 'Nothing is predicted: {{why}}.', { why })}{' '}
        {t('ha.measured-by', 'Measured by the exporter’s own looks, in the last interruption of each kind.')}
      </p>
    </Card>
  );
};

const predictedOf = ({ predicted }: RecoveryOfFault): string => {
  if (predicted === null) return NOTHING;
  const { seconds, low, high } = predicted;
  if (seconds === null) return t('ha.no-end', 'no end');
  return low === high || low === null || high === null
    ? exact(seconds)
    : `${exact(seconds)} (${low.toFixed(1)}–${high.toFixed(1)})`;
};

const columnsOf = (): readonly Column<RecoveryOfFault>[] => [
  {
    ...{ id: 'fault', name: t('ha.fault', 'Fault'), value: ({ fault }) => causeWord(fault) },
    cell: ({ fault, predicted }) => <span title={predicted?.how}>{causeWord(fault)}</span>,
  },
  {
    ...{ id: 'predicted', name: t('ha.predicted', 'Predicted'), numeric: true },
    value: ({ predicted }) => predicted?.seconds ?? null,
    cell: predictedOf,
  },
  {
    ...{ id: 'measured', name: t('ha.measured', 'Last measured'), numeric: true },
    value: ({ measured }) => measured?.seconds ?? null,
    cell: ({ measured }) =>
      measured === null ? NOTHING : <span title={dateTimeFormat(measured.at)}>{exact(measured.seconds)}</span>,
  },
];

const stylesOf = (theme: GrafanaTheme2) => ({
  quiet: css({
    marginTop: theme.spacing(1),
    color: theme.colors.text.secondary,
    fontSize: theme.typography.bodySmall.fontSize,
  }),
});
