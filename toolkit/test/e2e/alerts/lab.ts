import { execFile } from 'node:child_process';
import { chownSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Client, type ClientConfig } from 'pg';
import { layoutOf, submilliBin } from '../../../src/stack/layout';
import { readState } from '../../../src/stack/state';
import { series, until } from '../stack';
import type { Ears } from './ears';

/** A running stack, and how to lay hands on it. */
export type Lab = { readonly state: string; readonly ears: Ears };

export const HOST = '127.0.0.1';
export const POOL_PORT = 6432;

const secret = ({ state }: Lab, name: string): string => readFileSync(join(state, 'secrets', name), 'utf8').trim();

const opened = async (lab: Lab, config: ClientConfig): Promise<Client> => {
  const ssl = { ca: readFileSync(layoutOf(lab.state).certOf('ca')) };
  const client = new Client({ host: HOST, database: 'grandmodel', ssl, connectionTimeoutMillis: 20_000, ...config });
  // It is cut when its server stops, and what it was waiting for says so.
  client.on('error', () => undefined);
  await client.connect();
  return client;
};

/** A session of the superuser that stays. */
export const session = (lab: Lab, port: number, database = 'grandmodel'): Promise<Client> =>
  opened(lab, { port, database, user: 'postgres', password: secret(lab, 'superuser') });

/** A session of the application, through the pool or not. */
export const appSession = (lab: Lab, port: number = POOL_PORT): Promise<Client> =>
  opened(lab, { port, user: 'trading', password: secret(lab, 'app') });

/** The administrator of the pool, at its console. */
export const poolConsole = async (lab: Lab, command: string): Promise<void> => {
  const client = await opened(lab, {
    port: POOL_PORT,
    database: 'pgbouncer',
    user: 'pgbouncer',
    password: secret(lab, 'pgbouncer'),
  });
  try {
    await client.query(command);
  } finally {
    await client.end();
  }
};

/** One statement after the other, as the superuser. */
export const run = async (lab: Lab, port: number, ...statements: readonly string[]): Promise<void> => {
  const client = await session(lab, port);
  try {
    for (const statement of statements) await client.query(statement);
  } finally {
    await client.end();
  }
};

export const value = async <T>(lab: Lab, port: number, statement: string): Promise<T> => {
  const client = await session(lab, port);
  try {
    const { rows } = await client.query({ text: statement, rowMode: 'array' });
    return (rows as T[][])[0]?.[0] as T;
  } finally {
    await client.end();
  }
};

/** Does something again and again until it is told to stop; what fails is done again. */
export const again = (work: () => Promise<unknown>, pauseMs: number): (() => Promise<void>) => {
  let goesOn = true;
  const loop = async (): Promise<void> => {
    while (goesOn) {
      await work().catch(() => undefined);
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  };
  const working = loop();
  return async () => {
    goesOn = false;
    await working;
  };
};

const execute = promisify(execFile);

/** `patronictl`, as an administrator would. Rejects with what it said. */
export const patronictl = async ({ state }: Lab, ...args: readonly string[]): Promise<void> => {
  await execute('patronictl', ['-c', join(state, 'patroni', 'patronictl.yml'), ...args], { timeout: 120_000 });
};

/** Starts or stops one service of the stack. */
export const service = async ({ state }: Lab, what: 'start' | 'stop', name: string): Promise<void> => {
  await execute(process.execPath, [submilliBin, 'stack', what, name, '--state', state], { timeout: 180_000 });
};

/** The process of a service of the stack. */
export const processOf = ({ state }: Lab, name: string): number => {
  const pid = readState(layoutOf(state))?.services.find((service) => service.name === name)?.process?.pid;
  if (pid === undefined) throw new Error(`${name} does not run`);
  return pid;
};

/** Changes a file of the stack and leaves it to its owner; gives back what changes it back. */
export const changeFile = (path: string, change: (text: string) => string): (() => void) => {
  const before = readFileSync(path, 'utf8');
  const { uid, gid } = statSync(path);
  const write = (text: string): void => {
    writeFileSync(path, text);
    chownSync(path, uid, gid);
  };
  write(change(before));
  return () => write(before);
};

/** Tells an exporter to read its configuration again; true when it took it. */
export const reload = async (port: number): Promise<boolean> =>
  (await fetch(`http://${HOST}:${port}/-/reload`, { method: 'POST', headers: { connection: 'close' } })).ok;

const ownMetric = async (name: string): Promise<number> => {
  const answer = await fetch(`http://${HOST}:9090/metrics`, { headers: { connection: 'close' } });
  return series(await answer.text(), name).get('') ?? NaN;
};

/**
 * Has Prometheus read its configuration again, and waits until it has found Alertmanager again: what fires, or is over,
 * in between is told a minute later.
 */
export const reloadPrometheus = async (lab: Lab): Promise<void> => {
  const reloadedAt = (): Promise<number> => ownMetric('prometheus_config_last_reload_success_timestamp_seconds');
  const before = await reloadedAt();
  process.kill(processOf(lab, 'prometheus'), 'SIGHUP');
  const isBack = await until(
    60,
    async () =>
      (await reloadedAt()) > before && (await ownMetric('prometheus_notifications_alertmanagers_discovered')) > 0,
    Boolean,
  );
  if (isBack !== true) throw new Error('Prometheus did not take its configuration, or did not find Alertmanager again');
};
