import type { Clock } from '../clock';
import type { CollectorStatus, TargetStatus } from '../api/status';
import type { NamedRun, Target } from '../collector/target';

/** A target as `/api/v1/status` shows it. */
export const statusOf = (target: Target, clock: Clock): TargetStatus => {
  const { up, problem, facts, runs } = target.view();
  return {
    name: target.name,
    address: target.where,
    up,
    reason: problem?.message ?? null,
    remedy: problem?.hint ?? null,
    facts: facts === undefined ? null : (plain(facts) as Record<string, unknown>),
    collectors: runs.map((run) => collectorOf(run, clock)),
  };
};

const collectorOf = ({ name, kind, source, every, run, databases }: NamedRun, clock: Clock): CollectorStatus => {
  const ageMs = run.state === 'ok' ? clock.monotonic() - run.at : undefined;
  return {
    ...{ name, kind, source, everySeconds: every, state: run.state },
    lastSuccess: ageMs === undefined ? null : new Date(clock.wall() - ageMs).toISOString(),
    ageSeconds: ageMs === undefined ? null : ageMs / 1000,
    durationSeconds: run.state === 'ok' || run.state === 'failed' ? run.durationMs / 1000 : null,
    reason: run.state === 'failed' ? run.problem.kind : run.state === 'skipped' ? run.skip.reason : null,
    detail: run.state === 'failed' ? run.problem.message : run.state === 'skipped' ? run.skip.detail : null,
    remedy: run.state === 'failed' ? (run.problem.hint ?? null) : run.state === 'skipped' ? run.skip.remedy : null,
    databases: [...(databases ?? [])].map(([database, visit]) => ({
      database,
      state: visit.state,
      detail: visit.state === 'failed' ? visit.problem.message : visit.state === 'skipped' ? visit.skip.detail : null,
    })),
  };
};

/** Facts as JSON: maps become objects. */
const plain = (value: unknown): unknown =>
  JSON.parse(
    JSON.stringify(value, (_, item: unknown): unknown =>
      item instanceof Map ? Object.fromEntries<unknown>(item) : item,
    ),
  ) as unknown;
