import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { get, trusting } from '../../src/stack/http';
import { layoutOf } from '../../src/stack/layout';

/** What the end-to-end tests need to drive a stack as its user would: by the command and over HTTP. */

const bin = join(__dirname, '..', '..', 'bin', 'submilli.js');

export const ports = { database: 9091, pool: 9092, query: 9093, ha: 9094 } as const;
export type Exporter = keyof typeof ports;
export const exporterNames = Object.keys(ports) as Exporter[];

export type Outcome = { readonly status: number | null; readonly output: string };

export const submilli = (...args: string[]): Outcome => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [bin, ...args], {
    encoding: 'utf8',
    timeout: 300_000,
  });
  return { status, output: stdout + stderr };
};

/** That a command ended with this status; of one that did not, what it said last is told. */
export const endsWith = (wanted: number, { status, output }: Outcome): void => {
  const said = status === wanted ? [] : output.trimEnd().split('\n').slice(-8);
  expect({ status, said }).toEqual({ status: wanted, said: [] });
};

/** Of the one stack each test file has. */
let stackState = '';

/** A state directory that the unprivileged services can reach. */
export const stateDirectory = (): string => {
  const parent = mkdtempSync(join(tmpdir(), 'submilli-e2e-'));
  chmodSync(parent, 0o755);
  return (stackState = join(parent, 'stack'));
};

export const metricsOf = async (exporter: Exporter, port: number = ports[exporter]): Promise<string> => {
  const answer = await fetch(`http://127.0.0.1:${port}/metrics`, {
    // A kept connection may be to an exporter that was stopped since.
    headers: { 'X-Prometheus-Scrape-Timeout-Seconds': '4', connection: 'close' },
    signal: AbortSignal.timeout(6000),
  });
  if (answer.status !== 200) throw new Error(`${exporter} answered ${answer.status}`);
  return answer.text();
};

export const isUp = (text: string): boolean => /^db_exporter_up 1$/m.test(text);

export const failing = (text: string): string[] =>
  [...text.matchAll(/^db_exporter_collector_success\{collector="([^"]+)"\} 0$/gm)].map(([, name = '']) => name);

/** The values of a metric, by their label text. */
export const series = (text: string, metric: string): Map<string, number> =>
  new Map(
    [...text.matchAll(new RegExp(`^${metric}(\\{.*\\})? (\\S+)$`, 'gm'))].map(([, labels = '', value]) => [
      labels,
      Number(value),
    ]),
  );

/** Asks again until `look` says yes or the time is over; answers what it last saw. */
export const until = async <T>(seconds: number, look: () => Promise<T>, enough: (seen: T) => boolean): Promise<T> => {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    // Whoever looks may fail with an error of another realm (fetch), which is no instance of ours.
    const { seen, failed } = await look().then(
      (value) => ({ seen: value, failed: false }),
      (error: unknown) => ({ seen: error as T, failed: true }),
    );
    if ((!failed && enough(seen)) || Date.now() > end) return seen;
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
};

/** All collectors of an exporter work; the last answer either way. */
export const untilWell = (exporter: Exporter, seconds = 60): Promise<string> =>
  until(
    seconds,
    () => metricsOf(exporter),
    (text) => isUp(text) && failing(text).length === 0,
  );

type PrometheusResult = { metric: Record<string, string>; value: [number, string] };

export const prometheus = async (query: string): Promise<PrometheusResult[]> => {
  const answer = await fetch(`http://127.0.0.1:9090/api/v1/query?query=${encodeURIComponent(query)}`);
  const body = (await answer.json()) as { data: { result: PrometheusResult[] } };
  return body.data.result;
};

/** Runs statements as the superuser on one member. */
export const onMember = async <T>(
  state: string,
  port: number,
  work: (client: Client) => Promise<T>,
  database = 'grandmodel',
): Promise<T> => {
  const client = new Client({
    ...{ host: '127.0.0.1', port, user: 'postgres', database },
    password: readFileSync(join(state, 'secrets', 'superuser'), 'utf8').trim(),
    ssl: { ca: readFileSync(layoutOf(state).certOf('ca')) },
  });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end().catch(() => undefined);
  }
};

export type Member = { readonly name: string; readonly port: number; readonly role: string; readonly state: string };

/** The members as Patroni sees them, from whichever answers. */
export const members = async (): Promise<Member[]> => {
  for (const port of [8008, 8009]) {
    const url = `https://127.0.0.1:${port}/cluster`;
    const answer = await get(url, AbortSignal.timeout(2000), trusting(layoutOf(stackState))).catch(() => undefined);
    if (answer?.status === 200) return (JSON.parse(answer.text) as { members: Member[] }).members;
  }
  return [];
};

export const memberBy = async (isLeader: boolean): Promise<Member> => {
  const found = await until(60, members, (all) =>
    all.some((m) => (m.role === 'leader') === isLeader && m.state === 'running'),
  );
  const member = found.find((m) => (m.role === 'leader') === isLeader);
  if (member === undefined) throw new Error(`no ${isLeader ? 'leader' : 'standby'} among ${JSON.stringify(found)}`);
  return member;
};

/** The whole cluster works: a leader and a running standby, and every exporter with all its collectors. */
export const untilWhole = async (): Promise<void> => {
  await memberBy(true);
  await memberBy(false);
  for (const exporter of exporterNames) {
    const text = await untilWell(exporter, 90);
    expect({ exporter, up: isUp(text), failing: failing(text) }).toEqual({ exporter, up: true, failing: [] });
  }
};
