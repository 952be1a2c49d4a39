import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '@submilli/local-postgres';
import { stringify } from 'yaml';
import { checkout } from '../../compose/tools';

/** `submilli serve` as people run it: a process of its own, on free ports. */
export type Serving = {
  readonly urls: Readonly<Record<'database' | 'pool' | 'query' | 'ha', string>>;
  readonly pid: number;
  /** All that it has written. */
  readonly output: () => string;
  readonly signal: (name: NodeJS.Signals) => void;
  readonly stop: () => Promise<void>;
};

const PROGRAM = join(checkout, 'toolkit', 'bin', 'submilli.js');

/** A folder that is removed again; PostgreSQL's own account can look into it. */
export const makeFolder = (): { readonly path: string; readonly remove: () => void } => {
  const path = mkdtempSync(join(tmpdir(), 'submilli-security-'));
  chmodSync(path, 0o755);
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
};

export const writeIn = (folder: string, name: string, text: string): string => {
  const path = join(folder, name);
  writeFileSync(path, text, { mode: 0o600 });
  return path;
};

/** Addresses for the four, to be put under `listen`. */
export const freeAddresses = async (): Promise<Serving['urls']> => {
  const ports = await Promise.all([freePort(), freePort(), freePort(), freePort()]);
  const [database, pool, query, ha] = ports.map((port) => `127.0.0.1:${port}`) as [string, string, string, string];
  return { database, pool, query, ha };
};

export const serve = async (
  folder: string,
  config: object,
  { env = {}, scheme = 'http' }: { readonly env?: Readonly<Record<string, string>>; readonly scheme?: string } = {},
): Promise<Serving> => {
  const listen = await freeAddresses();
  const file = writeIn(
    folder,
    'submilli.yml',
    stringify({ listen, state_directory: join(folder, 'state'), ...config }),
  );
  let output = '';
  const child: ChildProcess = spawn(process.execPath, [PROGRAM, 'serve', '--config', file], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  for (const end = Date.now() + 60_000; (output.match(/listens on/g) ?? []).length < 4;) {
    if (child.exitCode !== null || Date.now() > end) {
      child.kill('SIGKILL');
      throw new Error(`submilli serve did not start:\n${output}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  const urls = Object.fromEntries(Object.entries(listen).map(([name, at]) => [name, `${scheme}://${at}`]));
  return {
    ...{ urls: urls as Serving['urls'], pid: child.pid ?? 0, output: () => output },
    signal: (name) => void child.kill(name),
    stop: async () => {
      child.kill('SIGTERM');
      const last = setTimeout(() => child.kill('SIGKILL'), 10_000);
      await ended;
      clearTimeout(last);
    },
  };
};

/** One command of `submilli`, and all that it says. */
export const command = (args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<string> =>
  new Promise((resolve) => {
    const options = { cwd: checkout, env: { ...process.env, ...env }, timeout: 60_000 };
    execFile(process.execPath, [PROGRAM, ...args], options, (_, stdout, stderr) => resolve(stdout + stderr));
  });

/** Asks until it is so, for a minute at most. */
export const until = async (what: string, isSo: () => Promise<boolean> | boolean): Promise<void> => {
  for (const end = Date.now() + 60_000; !(await isSo());) {
    if (Date.now() > end) throw new Error(`never so: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
};
