import {
  type AnyExporter,
  configSchema,
  defineRule,
  type Finding,
  runExporter,
  type RunningExporter,
  silentLogger,
  type StatementsAnswer,
} from '@submilli/core';
import type { Interruption } from '../../../../exporters/ha/src/failover/record';
import { failoversResource } from '../../../../exporters/ha/src/resources/failovers';
import type { DatabaseAdvice } from '../../../../exporters/query/src/index-advice/state';
import { indexAdviceResource } from '../../../../exporters/query/src/resources/index-advice';
import { DAY, HOUR, momentsOf } from './fortnight';
import { freePort } from './prometheus';

/** What the exporters of that fortnight have to tell beside its metrics: real servers, without PostgreSQL behind them. */
export const exportersOfFortnight = async (end: number, webConfig: string | null): Promise<RunningExporter[]> => {
  let now = end - 20 * DAY;
  const clock = { wall: () => now * 1000, monotonic: () => now * 1000 };
  const ports = { query: await freePort(), ha: await freePort() };
  const config = configSchema.parse({
    listen: { query: `127.0.0.1:${ports.query}`, ha: `127.0.0.1:${ports.ha}` },
    postgres: [{ name: 'pg1' }],
    web_config_file: webConfig,
  });
  const options = { config, log: silentLogger, version: '1', requestReload: () => Promise.resolve(), clock };
  const running = await Promise.all(
    [queryExporter(end), haExporter(end)].map((definition) =>
      runExporter(definition, { ...options, stateDirectory: null }),
    ),
  );
  if (webConfig !== null) return running;
  // They look every hour, from long before the week that is reported on to its end.
  for (; now <= end; now += HOUR) await Promise.all(running.map(({ url }) => fetch(`${url}/metrics`)));
  return running;
};

const exporter = (name: 'query' | 'ha', parts: Pick<AnyExporter, 'resources'> & { rules: unknown[] }): AnyExporter => ({
  ...{ name, title: name, description: name, section: 'postgres', resources: parts.resources },
  registry: { collectors: [], samplers: [], surveys: [], derived: [], rules: parts.rules as never },
  targets: () => [
    {
      name: 'pg1',
      source: {
        where: 'pg1 (nowhere)',
        open: () => Promise.resolve({ session: null, isClosed: () => false, close: () => Promise.resolve() }),
        facts: () => Promise.resolve(null),
        plan: () => undefined,
      },
    },
  ],
});

const finding = (subject: string, title: string, severity: Finding['severity']): Finding => ({
  ...{ subject, title, severity, why: 'It is so.', evidence: [] },
  action: { kind: 'sql', text: 'SELECT 1', reversible: true, lock: null, needsRestart: false },
  impact: { what: 'time per call', before: '3.1 ms', after: '1 ms', confidence: 'high', measured: 'by the planner' },
});

/** Finds one thing since long ago, one until three days before the end, and one since the day before the end. */
const ruleOf = (end: number) =>
  defineRule({
    ...{ name: 'missing-index', title: 'Missing', signal: 'time', threshold: 'any', inputs: {} },
    check: (_given, _env, ms) => [
      finding('old', 'fills wants an index since long ago', 'info'),
      ...(ms / 1000 < end - 3 * DAY ? [finding('gone', 'orders wanted an index', 'warning')] : []),
      ...(ms / 1000 > end - DAY ? [finding('new', 'trades <b>wants</b> an index', 'critical')] : []),
    ],
  });

/** Of a resource's view only what was read is looked at. */
const holding = (data: unknown) => ({ snapshots: { of: () => data } }) as never;

const queryExporter = (end: number): AnyExporter => {
  const work = (calls: number, seconds: number) => ({ calls, seconds, blocks: 0 });
  const advice: Partial<DatabaseAdvice['advice']> = {
    ...{ indexes: [], without: [], trials: [], drops: [], plannerChecked: true, explains: 1 },
    ...{ overBudget: false, seconds: 1, bytes: 0, storageBytes: 0 },
  };
  const tracked: Partial<DatabaseAdvice['tracked'][number]> = {
    ...{ definition: 'CREATE INDEX ON public.fills (order_id)', statements: ['-1003'], verdict: 'confirmed' },
    appeared: { at: end - 2 * DAY, name: 'public.fills_order_id_idx' },
    ...{ before: { '-1003': work(2000, 6.2) }, after: { '-1003': work(100_000, 110) } },
  };
  const state = new Map([['trading', { at: end, advice, asked: null, standbyProblem: null, tracked: [tracked] }]]);
  return exporter('query', {
    rules: [ruleOf(end)],
    resources: [
      { path: 'index-advice', answer: () => indexAdviceResource.answer(holding(state)) },
      { path: 'statements', answer: (): StatementsAnswer => ({ windowSeconds: 300, statements: [statement] }) },
    ],
  });
};

const none = { hit: 0, read: 0, dirtied: 0, written: 0 };
const statement: StatementsAnswer['statements'][number] = {
  ...{ database: 'trading', queryid: '-1003', queryType: 'select', queryMissing: null },
  query: 'SELECT * FROM fills WHERE order_id = $1 AND note <> $2',
  ...{ calls: 600, totalSeconds: 1.86, meanSeconds: 0.0031, deviationSeconds: null, timeShare: 0.3, rows: 600 },
  ...{ planning: null, sharedBlocks: none, localBlocks: none, tempBlocks: { read: 0, written: 0 }, blockTimes: null },
  ...{ wal: { bytes: 0, records: 0, fullPageImages: 0, buffersFull: null }, jit: null, parallelWorkers: null },
  baseline: null,
};

const haExporter = (end: number): AnyExporter => {
  const at = momentsOf(end).failover * 1000;
  const record: Interruption = {
    ...{ startedAt: at - 4200, detectedAt: at - 4000, writableAt: at, seconds: 4.2, low: 4, high: 4.4 },
    ...{ from: 'pg2', to: 'pg1', timelineBefore: 3, timelineAfter: 4, outcome: 'failover', planned: false },
    ...{ cause: 'node-loss', sure: 'high', evidence: ['Patroni of pg2 does not answer'] },
  };
  const watch = { watch: { outage: null, records: [record], splits: [] } };
  const answer = () =>
    failoversResource.answer({
      snapshots: { of: ({ name }: { name: string }) => (name === 'failovers' ? watch : undefined) },
    } as never);
  return exporter('ha', { rules: [], resources: [{ path: 'failovers', answer }] });
};
