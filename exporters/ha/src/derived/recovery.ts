import { defineDerived, effectiveTimers, gauge, type Timers } from '@submilli/core';
import { config } from '../collectors/config';
import { members } from '../collectors/members';
import { type Cause, causes, type Interruption } from '../failover/record';
import { configured } from '../patroni/defaults';
import { failovers } from '../samplers/failovers';
import { predict, type Prediction } from '../recovery/predict';
import { topology } from './topology';

export type Recovery = {
  /** By the timers of the configuration; null with the reason where they can't be told. */
  readonly predicted: readonly Prediction[] | null;
  readonly why: string | null;
  readonly timers: Timers | null;
  readonly version: string | null;
  /** The last of each cause that was timed. */
  readonly measured: ReadonlyMap<Cause, Interruption>;
};

export const recovery = defineDerived({
  name: 'recovery',
  source: 'Patroni GET /config, GET /patroni',
  metrics: {
    predicted: gauge(
      'db_ha_predicted_recovery_seconds',
      'Seconds until a server can be written to again, by fault, as the timers of this Patroni’s version predict; absent where no end can be told.',
      ['fault'],
    ),
    measured: gauge(
      'db_ha_measured_recovery_seconds',
      'Seconds that it took in the last interruption of this cause, by our own looks; absent before the first.',
      ['fault'],
    ),
    ttl: gauge('db_ha_effective_ttl_seconds', 'Life of the leader’s lease as this version of Patroni takes it.'),
    loopWait: gauge(
      'db_ha_effective_loop_wait_seconds',
      'Pause between two rounds as this version of Patroni takes it.',
    ),
    retry: gauge('db_ha_effective_retry_timeout_seconds', 'How long is retried as this version of Patroni takes it.'),
  },
  derive: (snapshots): Recovery => {
    const settings = snapshots.of(config);
    const version = versionOf(snapshots.of(members)?.answered ?? [], snapshots.of(topology)?.members ?? []);
    const records = snapshots.of(failovers)?.watch.records ?? [];
    const measured = new Map(
      causes.flatMap((cause) => {
        const last = records.filter((one) => one.cause === cause && one.seconds !== null).at(-1);
        return last === undefined ? [] : [[cause, last] as const];
      }),
    );
    if (settings === undefined || version === null) {
      const why = settings === undefined ? 'Patroni’s configuration is not known' : 'Patroni’s version is not known';
      return { predicted: null, why, timers: null, version, measured };
    }
    const [predicted, timers] = [predict(settings, version), effectiveTimers(configured(settings), version)];
    return { predicted, why: null, timers, version, measured };
  },
  publish: ({ predicted, timers, measured }: Recovery, m) => [
    ...(predicted ?? []).map(({ fault, seconds }) => m.predicted({ fault }, seconds)),
    ...[...measured].map(([fault, { seconds }]) => m.measured({ fault }, seconds)),
    m.ttl({}, timers?.ttl ?? null),
    m.loopWait({}, timers?.loop_wait ?? null),
    m.retry({}, timers?.retry_timeout ?? null),
  ],
});

/** The leader's, whose lease it is; while there is none, that of any member. */
const versionOf = (
  answered: readonly { readonly member: string; readonly answer: { readonly patroni: { readonly version: string } } }[],
  known: readonly { readonly name: string; readonly role: string | null }[],
): string | null => {
  const leader = known.find(({ role }) => role?.endsWith('leader') === true)?.name;
  return (answered.find(({ member }) => member === leader) ?? answered[0])?.answer.patroni.version ?? null;
};
