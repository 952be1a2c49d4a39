/**
 * Makes incidents on real servers and records the signals that the health score is made from:
 * `npm run incidents` records all and writes the score curves; `npm run incidents -- --replay` only writes the curves.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import {
  type AnyExporter,
  type Config,
  configSchema,
  createBoard,
  createTarget,
  deadlineIn,
  setupRoleStatements,
  silentLogger,
  systemClock,
  type Target,
} from '@submilli/core';
import {
  type Capture,
  type CapturedValue,
  captureSchema,
  databaseExporter,
  type DatabaseScore,
  goldenOf,
  performanceScore,
  replay,
  signalNames,
} from '@submilli/database';
import { type LocalPostgres, type Major, startPostgres, supportedMajors } from '@submilli/local-postgres';
import { poolExporter } from '@submilli/pool';
import { sleep } from './load';
import { PASSWORD } from './pooler';
import { poolerOf, type Scenario, scenarios, type Stage } from './scenarios';

const folder = join(__dirname, '..', '..', '..', 'exporters', 'database', 'test', 'incidents');
const say = (text: string): void => void process.stderr.write(`${text}\n`);

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { major: { type: 'string', default: '18' }, replay: { type: 'boolean', default: false } },
});

const record = async (scenario: Scenario, major: Major): Promise<Capture> => {
  const primary = await startPostgres({ major, settings: scenario.settings ?? {} });
  const closing: (() => Promise<unknown>)[] = [() => primary.stop()];
  try {
    await primary.query('CREATE DATABASE app');
    await makeRole(primary);
    const standby =
      scenario.standby === undefined ? null : await primary.standby({ settings: scenario.standby, name: 'standby' });
    if (standby !== null) closing.push(() => standby.stop());
    const pooler = await poolerOf(scenario, primary);
    if (pooler !== null) closing.push(pooler.stop);
    const stage: Stage = { primary, standby, pooler };
    await scenario.prepare(stage);
    const load = scenario.work(stage);
    closing.push(load.stop);
    const { database, all } = watch(configFor(stage));
    closing.push(() => Promise.all(all.map((target) => target.close())));
    const [version] = await primary.query<{ server_version: string }>('SHOW server_version');
    const others = [
      ...(standby === null ? [] : ['a standby']),
      ...(pooler === null ? [] : [`PgBouncer ${pooler.version}`]),
    ];
    const servers = [`PostgreSQL ${version?.server_version ?? major}`, ...others].join(', ');
    return await observe(scenario, stage, servers, database, all);
  } finally {
    for (const close of closing.reverse()) await close();
  }
};

const makeRole = async (server: LocalPostgres): Promise<void> => {
  for (const statement of setupRoleStatements({ role: 'submilli' })) await server.query(statement);
  await server.query(`ALTER ROLE submilli PASSWORD '${PASSWORD}'`);
};

const WINDOW = { window_seconds: 30, sample_interval_seconds: 1 };

const configFor = ({ primary, pooler }: Stage): Config =>
  configSchema.parse({
    ...WINDOW,
    postgres: [{ name: 'primary', host: primary.host, port: primary.port, password: PASSWORD }],
    pgbouncer: pooler === null ? [] : [{ name: 'pool', port: pooler.port, password: PASSWORD, sslmode: 'disable' }],
  });

/** Both exporters in this process, as `submilli serve` runs them; the pool first, so that what it shares is current. */
const watch = (config: Config): { readonly database: Target; readonly all: readonly Target[] } => {
  const board = createBoard(systemClock);
  const targets = ([poolExporter, databaseExporter] as readonly AnyExporter[]).flatMap((exporter) =>
    exporter.targets(config, systemClock).map(({ name, source }) =>
      createTarget({
        ...{ name, source, registry: exporter.registry, config, clock: systemClock, log: silentLogger },
        random: Math.random,
        shared: board.fresh,
        onScrape: (view) => board.post(name, view.up ? (exporter.share?.(view, { target: name, config }) ?? []) : []),
      }),
    ),
  );
  const database = targets.at(-1);
  if (database === undefined) throw new Error('nothing to watch');
  return { database, all: targets };
};

const observe = async (
  scenario: Scenario,
  stage: Stage,
  servers: string,
  database: Target,
  all: readonly Target[],
): Promise<Capture> => {
  const { before, during, after } = scenario.seconds;
  const scrapeAll = async (): Promise<void> => {
    for (const target of all) await target.scrape(deadlineIn(3000, systemClock));
  };
  const seen: { at: number; score: DatabaseScore | null }[] = [];
  const events: { at: number; what: string }[] = [];
  await warmUp(scrapeAll);
  const started = systemClock.monotonic();
  const now = (): number => Math.round((systemClock.monotonic() - started) / 100) / 10;
  let end: Promise<() => Promise<void>> | undefined;
  let ended: Promise<void> | undefined;
  while (now() < before + during + after) {
    const next = seen.length + 1;
    if (end === undefined && now() >= before) {
      events.push({ at: now(), what: scenario.begins });
      end = scenario.strike(stage);
    }
    if (end !== undefined && ended === undefined && now() >= before + during) {
      if (scenario.ends !== null) events.push({ at: now(), what: scenario.ends });
      ended = end.then((finish) => finish());
    }
    await scrapeAll();
    const scores = database.view().snapshots.of(performanceScore)?.scores;
    const score = scores?.find((candidate) => candidate.database === 'app') ?? null;
    seen.push({ at: now(), score });
    if (next % 10 === 0) say(`  ${now()} s: ${score?.value?.toFixed(1) ?? 'down'} ${score?.worst ?? ''}`);
    await sleep(Math.max(0, next * 1000 - (systemClock.monotonic() - started)));
  }
  await ended;
  const { name: incident, title } = scenario;
  return captureSchema.parse({ ...{ incident, title, servers, events, config: WINDOW }, ...columnsOf(seen) });
};

/** Until the window is full. */
const warmUp = async (scrapeAll: () => Promise<void>): Promise<void> => {
  const until = systemClock.monotonic() + (WINDOW.window_seconds + 5) * 1000;
  while (systemClock.monotonic() < until) {
    await scrapeAll();
    await sleep(1000);
  }
};

const columnsOf = (seen: readonly { readonly at: number; readonly score: DatabaseScore | null }[]) => ({
  at: seen.map(({ at }) => at),
  up: seen.map(({ score }) => (score === null ? 0 : 1)),
  signals: Object.fromEntries(
    signalNames.map((name) => {
      const column = seen.map(({ score }): CapturedValue => {
        const value = score?.signals[name] ?? 'n/a';
        if (typeof value === 'number') return Number(value.toPrecision(4));
        return value === 'n/a' || value.missing === 'not-applicable' ? 'n/a' : 'unknown';
      });
      const [first] = column;
      return [name, column.every((value) => value === first) ? first : column];
    }),
  ),
});

/** One line per column, so that a new recording reads well as a difference. */
const textOf = ({ signals, ...rest }: Capture): string => {
  const lines = (entries: readonly (readonly [string, unknown])[]): string =>
    entries.map(([key, value]) => `${JSON.stringify(key)}: ${JSON.stringify(value)}`).join(',\n');
  return `{\n${lines(Object.entries(rest))},\n"signals": {\n${lines(Object.entries(signals))}\n}}\n`;
};

const writeGoldens = (): void => {
  const { thresholds } = configSchema.parse({});
  for (const file of readdirSync(folder).filter((name) => /-pg\d+\.json$/.test(name))) {
    const capture = captureSchema.parse(JSON.parse(readFileSync(join(folder, file), 'utf8')));
    const lines = goldenOf(replay(capture, thresholds)).map((moment) => JSON.stringify(moment));
    writeFileSync(join(folder, file.replace('.json', '.golden.json')), `[\n${lines.join(',\n')}\n]\n`);
  }
};

const main = async (): Promise<void> => {
  const major = supportedMajors.find((known) => String(known) === values.major);
  if (major === undefined) throw new Error(`--major: one of ${supportedMajors.join(', ')}`);
  const wanted = scenarios.filter(({ name }) => positionals.length === 0 || positionals.includes(name));
  for (const scenario of values.replay ? [] : wanted) {
    say(scenario.name);
    const capture = await record(scenario, major);
    writeFileSync(join(folder, `${scenario.name}-pg${major}.json`), textOf(capture));
  }
  writeGoldens();
};

void main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exitCode = 1;
});
