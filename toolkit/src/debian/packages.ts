import { spawn, spawnSync } from 'node:child_process';
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { SubmilliError } from '@submilli/core';
import { checkout } from '../stack/layout';
import { answerTo } from '../stack/question';
import { isVouchedFor, type OsRelease, readOsRelease } from './os-release';

export type Purpose = 'stack' | 'test';

/** What runs here, and why each package is needed. pgbench comes with the server, promtool with Prometheus. */
const needed: Record<Purpose, Readonly<Record<string, string>>> = {
  stack: {
    postgresql: 'the two servers, psql, pgbench',
    'postgresql-15-hypopg': 'lets the index advisor ask the planner about indexes that are not there',
    'etcd-server': 'the store of the leader lock',
    'etcd-client': 'etcdctl, to look into it',
    patroni: 'failover',
    pgbackrest: 'backups, and the archive of WAL',
    pgbouncer: 'the connection pool',
    haproxy: 'another way to the primary, and the one to the standbys',
    iproute2: 'makes the hosts of `stack up --hosts`',
    openssl: 'makes the certificates',
    prometheus: 'scrapes the exporters; has promtool',
    'prometheus-alertmanager': 'says who hears of what; has amtool',
  },
  test: {
    chromium: 'shows the Grafana app to its tests',
    'docker-compose': 'checks docker-compose.yml',
    fish: 'completes the command line, as its users see it',
    'man-db': 'reads the manual page, with groff',
    'openssh-server': 'is what its tests reach them by, on a port of their own',
    jq: 'is what the runbooks read answers with',
    libfaketime: 'sets the clock of one process forward and back, and signs certificates of yesterday',
    'prometheus-pgbouncer-exporter': 'what the compatibility view of the pool is compared with',
    'prometheus-postgres-exporter': 'what the compatibility view of the database is compared with',
    shellcheck: 'checks the scripts in the images, and what completes the command line',
    systemd: 'checks the units; it need not run',
    zsh: 'completes the command line, as its users see it',
  },
};

export const packagesFor = (purpose: Purpose): string[] =>
  Object.keys(purpose === 'test' ? { ...needed.stack, ...needed.test } : needed.stack);

export const reasonFor = (name: string): string => needed.stack[name] ?? needed.test[name] ?? '';

/** Of these, the packages the output of `dpkg-query -W -f '${Package} ${db:Status-Status}\n'` has not as installed. */
export const missingFrom = (names: readonly string[], dpkgOutput: string): string[] => {
  const installed = new Set(
    dpkgOutput.split('\n').flatMap((line) => {
      const [name, status] = line.split(' ');
      return name !== undefined && status === 'installed' ? [name] : [];
    }),
  );
  return names.filter((name) => !installed.has(name));
};

/** Throws a `SubmilliError` where there is no dpkg to ask. */
export const missingPackages = (names: readonly string[]): string[] => {
  const { error, stdout } = spawnSync('dpkg-query', ['-W', '-f', '${Package} ${db:Status-Status}\\n', ...names], {
    encoding: 'utf8',
  });
  if (error === undefined) return missingFrom(names, stdout);
  throw new SubmilliError({ what: 'this system has no dpkg', hint: byHand(names), cause: error });
};

const byHand = (names: readonly string[]): string => `Install yourself what Debian calls: ${names.join(' ')}`;

const onPath = (program: string): boolean =>
  (process.env.PATH ?? '').split(delimiter).some((folder) => existsSync(join(folder, program)));

/** Why packages can't be installed from here; undefined when they can. */
export const whyNotInstall = (os: OsRelease = readOsRelease()): string | undefined => {
  if (!isVouchedFor(os)) return `${os.name} is not Debian 12, whose package names and versions are the ones we know`;
  if (!onPath('apt-get')) return 'there is no apt-get';
  if (process.getuid?.() !== 0 && !onPath('sudo')) return 'that takes root, and there is no sudo';
  return undefined;
};

export type InstallOptions = {
  /** Don't ask, also on a terminal. */
  readonly yes: boolean;
  readonly say: (line: string) => void;
};

/**
 * Installs the packages, without starting or enabling anything (cluster/debian/install-packages.sh). Asks first on a
 * terminal. Throws a `SubmilliError` when it may not, is told not to, or apt fails: with the end of apt's output.
 */
export const installPackages = async (names: readonly string[], { yes, say }: InstallOptions): Promise<void> => {
  if (names.length === 0) return;
  const why = whyNotInstall();
  if (why !== undefined) throw new SubmilliError({ what: `packages are missing and ${why}`, hint: byHand(names) });
  if (!yes && process.stdin.isTTY && process.stdout.isTTY && !(await agreed(names))) {
    throw new SubmilliError({ what: 'nothing was installed', hint: `Later: apt-get install ${names.join(' ')}` });
  }
  const log = join(mkdtempSync(join(tmpdir(), 'submilli-apt-')), 'apt.log');
  say(`Installing ${names.join(' ')} (log: ${log})`);
  const end = await runAsRoot(['sh', join(checkout, 'cluster', 'debian', 'install-packages.sh'), ...names], log);
  if (end !== 'exit code 0') throw aptFailed(end, names, log);
};

const agreed = async (names: readonly string[]): Promise<boolean> => {
  const answer = await answerTo(`Install ${names.join(' ')} with apt-get? No service is started. [Y/n] `);
  return answer !== undefined && /^(y|yes|)$/i.test(answer);
};

/**
 * Our own end does not end it: the script must remove its guards. Ctrl-C on the terminal reaches apt itself; a SIGTERM
 * for us is passed on.
 */
const runAsRoot = (command: readonly string[], log: string): Promise<string> => {
  const isRoot = process.getuid?.() === 0;
  const sudo = process.stdin.isTTY ? ['sudo'] : ['sudo', '-n'];
  const [program = '', ...args] = isRoot ? command : [...sudo, ...command];
  const out = openSync(log, 'a', 0o600);
  const child = spawn(program, args, { stdio: [isRoot ? 'ignore' : 'inherit', out, out] });
  closeSync(out);
  const passOn = (signal: NodeJS.Signals): void => void child.kill(signal);
  const wait = (): void => undefined;
  process.on('SIGTERM', passOn).on('SIGHUP', passOn).on('SIGINT', wait);
  return new Promise<string>((resolve) => {
    child.on('error', (error) => resolve(error.message));
    child.on('exit', (code, signal) => resolve(signal ?? `exit code ${code}`));
  }).finally(() => process.off('SIGTERM', passOn).off('SIGHUP', passOn).off('SIGINT', wait));
};

const INTERESTING = /^(E:|Err:|W: Failed|dpkg: error|sudo:)/;

/** The lines of apt's log that say what went wrong, or else its last ones. */
export const endOfAptLog = (text: string): string[] => {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const errors = lines.filter((line) => INTERESTING.test(line));
  return (errors.length > 0 ? errors : lines).slice(-6);
};

const aptFailed = (end: string, names: readonly string[], log: string): SubmilliError => {
  const lines = endOfAptLog(readFileSync(log, 'utf8')).map((line) => `\n    ${line}`);
  return new SubmilliError({
    what: `apt-get failed with ${end}:${lines.join('')}`,
    hint: `See ${log}; then apt-get install ${names.join(' ')}, or npm start -- --embedded, which needs no packages.`,
  });
};
