import type { Finding } from '@submilli/core';
import { type ShowRow, textOf } from '../show';

/** What one rule finds at most; the worst come first where there is a worst. */
export const MOST_FINDINGS = 10;

/** Lines for pgbouncer.ini; all of what the rules name takes effect at a RELOAD. */
export const iniLines = (text: string): Finding['action'] => ({
  kind: 'config',
  text: `; pgbouncer.ini, then RELOAD on the console\n${text}`,
  reversible: true,
  lock: null,
  needsRestart: false,
});

/** One setting; what SHOW CONFIG says cannot be changed at work takes a restart. */
export const iniSetting = (config: readonly ShowRow[], name: string, value: string | number): Finding['action'] => {
  const row = config.find((candidate) => textOf(candidate, 'key') === name) ?? {};
  if (textOf(row, 'changeable') !== 'no') return iniLines(`${name} = ${value}`);
  return {
    ...iniLines(''),
    text: `; pgbouncer.ini, then restart PgBouncer, which cuts off its clients\n${name} = ${value}`,
    needsRestart: true,
  };
};

/**
 * A database's or user's name as pgbouncer.ini and the console take it. Where databases are made on demand (`*`) a client
 * chooses their names: without quotes one could smuggle a command into advice.
 */
export const quoted = (name: string): string =>
  /^[a-z0-9_]+$/i.test(name) ? name : `"${name.replace(/\p{Cc}/gu, '?').replaceAll('"', '""')}"`;

/** Parameters added to the line of one database. */
export const iniDatabase = (database: string, parameters: string): Finding['action'] =>
  iniLines(`; in [databases], on the line of ${quoted(database)}\n${quoted(database)} = … ${parameters}`);

/** A command for the console, for one of admin_users. */
export const onConsole = (text: string): Finding['action'] => ({
  ...{ kind: 'command', text, reversible: true, lock: null },
  needsRestart: false,
});

export const milliseconds = (seconds: number): string =>
  seconds < 1 ? `${Number((seconds * 1000).toPrecision(3))} ms` : `${Number(seconds.toPrecision(3))} s`;
