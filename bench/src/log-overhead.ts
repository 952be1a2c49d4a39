/**
 * What logging a share of all statements costs the server: `npm run bench:log`. CPU time of the backends and of the
 * logger per primary-key SELECT, for each rate, in rounds of random order in one run: read the ratios.
 */
import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { type LocalPostgres, startPostgres } from '@submilli/local-postgres';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '7' },
    transactions: { type: 'string', default: '20000' },
    clients: { type: 'string', default: '2' },
  },
});

const PROTOCOLS = ['prepared', 'simple'] as const;
/** Of all statements; every one that takes 5 ms or more is logged as well, unless logging is off. */
const RATES = [null, 0.001, 0.01, 0.1, 1] as const;
/** Of the clock that /proc counts in. */
const TICKS_PER_SECOND = 100;

const pgbench = (): string => {
  const root = '/usr/lib/postgresql';
  const found = readdirSync(root)
    .map((version) => join(root, version, 'bin', 'pgbench'))
    .find((path) => existsSync(path));
  if (found === undefined) throw new Error(`no pgbench under ${root}: submilli packages --for test`);
  return found;
};

const run = (server: LocalPostgres, args: readonly string[]): Promise<unknown> =>
  promisify(execFile)(pgbench(), ['-h', server.host, '-p', String(server.port), '-U', server.superuser, ...args], {
    env: { ...process.env, PGPASSWORD: server.password },
  });

/** utime, stime, and those of children that have ended, in seconds. */
const cpuOf = (pid: number): { own: number; children: number } => {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = text
    .slice(text.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number);
  const [user = 0, system = 0, childUser = 0, childSystem = 0] = fields.slice(11, 15);
  return { own: (user + system) / TICKS_PER_SECOND, children: (childUser + childSystem) / TICKS_PER_SECOND };
};

const loggerOf = (postmaster: number): number => {
  const found = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .find((pid) => {
      try {
        return (
          readFileSync(`/proc/${pid}/cmdline`, 'utf8').startsWith('postgres: logger') &&
          Number(/^PPid:\s*(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) === postmaster
        );
      } catch {
        return false;
      }
    });
  if (found === undefined) throw new Error('the server has no logger process');
  return Number(found);
};

const median = (list: readonly number[]): number => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)] ?? NaN;

type Cost = { readonly backend: number; readonly logger: number };

const measure = async (server: LocalPostgres, protocol: string, rate: number | null): Promise<Cost> => {
  const set = (name: string, value: string): Promise<unknown> => server.query(`ALTER SYSTEM SET ${name} = ${value}`);
  await set('log_min_duration_statement', rate === null ? '-1' : "'5ms'");
  await set('log_min_duration_sample', rate === null ? '-1' : '0');
  await set('log_statement_sample_rate', String(rate ?? 1));
  await server.query('SELECT pg_reload_conf()');
  const postmaster = server.pid();
  if (postmaster === undefined) throw new Error('the server is gone');
  const logger = loggerOf(postmaster);
  const transactions = Number(values.transactions);
  const before = { all: cpuOf(postmaster).children, logger: cpuOf(logger).own };
  const much = ['-c', values.clients, '-j', '1', '-t', String(transactions)];
  await run(server, ['-n', '-S', '-M', protocol, ...much, 'postgres']);
  await new Promise((resolve) => setTimeout(resolve, 300));
  const perTransaction = (seconds: number): number => (seconds * 1e6) / (transactions * Number(values.clients));
  return {
    backend: perTransaction(cpuOf(postmaster).children - before.all),
    logger: perTransaction(cpuOf(logger).own - before.logger),
  };
};

const main = async (): Promise<void> => {
  const server = await startPostgres({
    major: 18,
    settings: {
      ...{ logging_collector: 'on', log_destination: 'jsonlog', log_directory: 'log', log_parameter_max_length: '0' },
      ...{ log_rotation_size: '0', autovacuum: 'off' },
    },
  });
  try {
    await run(server, ['-i', '-q', '-s', '5', 'postgres']);
    const cases = PROTOCOLS.flatMap((protocol) => RATES.map((rate) => ({ protocol, rate, costs: [] as Cost[] })));
    for (let round = 0; round < Number(values.rounds); round += 1) {
      const order = [...cases].sort(() => Math.random() - 0.5);
      for (const one of order) one.costs.push(await measure(server, one.protocol, one.rate));
      process.stderr.write(`round ${round + 1} of ${values.rounds}\n`);
    }
    process.stdout.write('| protocol | rate | backend µs per SELECT | of that without logging | logger µs |\n');
    process.stdout.write('| --- | --- | --- | --- | --- |\n');
    for (const { protocol, rate, costs } of cases) {
      const backend = median(costs.map((cost) => cost.backend));
      const off = cases.find((other) => other.protocol === protocol && other.rate === null)?.costs ?? [];
      const ratio = backend / median(off.map((cost) => cost.backend));
      const cells = [protocol, rate ?? 'off', backend.toFixed(1), `${Math.round((ratio - 1) * 100)} %`];
      process.stdout.write(`| ${[...cells, median(costs.map(({ logger }) => logger)).toFixed(1)].join(' | ')} |\n`);
    }
  } finally {
    await server.stop();
  }
};

void main();
