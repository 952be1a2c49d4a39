import type { Finding } from '@submilli/core';

/** Lines for pgbouncer.ini; all of what the rules name takes effect at a RELOAD. */
export const iniLines = (text: string): Finding['action'] => ({
  kind: 'config',
  text: `; pgbouncer.ini, then RELOAD on the console\n${text}`,
  reversible: true,
  lock: null,
  needsRestart: false,
});

/** A command for the console, for one of admin_users. */
export const onConsole = (text: string): Finding['action'] => ({
  ...{ kind: 'command', text, reversible: true, lock: null },
  needsRestart: false,
});

export const milliseconds = (seconds: number): string =>
  seconds < 1 ? `${Number((seconds * 1000).toPrecision(3))} ms` : `${Number(seconds.toPrecision(3))} s`;
