import { createHash } from 'node:crypto';
import type { SettingChange } from '@submilli/core';
import { holdsSecret, isSecret } from './watched';

/** A row of `pg_settings`. `setting` is in `unit`s. */
export type Setting = {
  readonly name: string;
  readonly setting: string;
  readonly unit: string | null;
  readonly source: string;
  readonly context: string;
  readonly pending_restart: boolean;
};

/** What the settings are, what they were when first seen, and what changed since. */
export type Drift = {
  readonly settings: readonly Setting[];
  /** Whether those are all there are: some are hidden from who is not in pg_monitor. */
  readonly complete: boolean;
  readonly first: ReadonlyMap<string, string> | undefined;
  /** Milliseconds since the epoch, on the server's clock. */
  readonly firstAt: number;
  readonly changedAt: number | undefined;
  /** The latest last; bounded. */
  readonly changes: readonly SettingChange[];
};

const MOST_CHANGES = 200;

export const noDrift: Drift = {
  ...{ settings: [], complete: false, changes: [] },
  first: undefined,
  firstAt: 0,
  changedAt: undefined,
};

/** Values that hold for our own session only say nothing about the server. */
const OWN = new Set(['client', 'session', 'user', 'database', 'database user', 'interactive', 'test']);
/** These differ by what the server or our own transaction does, not by how it is set. */
const MOVING = new Set([
  ...['in_hot_standby', 'application_name', 'transaction_read_only', 'transaction_isolation', 'transaction_deferrable'],
]);

export const isServers = ({ name, source }: Setting): boolean => !OWN.has(source) && !MOVING.has(name);

/** `complete` says whether we may see all settings: one that comes or goes with that right has not changed. */
export const takeSettings = (before: Drift, all: readonly Setting[], at: number, complete: boolean): Drift => {
  const settings = all.filter(isServers);
  const now = new Map(settings.map(({ name, setting }) => [name, setting]));
  if (before.first === undefined) return { ...before, settings: all, complete, first: now, firstAt: at };
  const last = new Map(before.settings.filter(isServers).map(({ name, setting }) => [name, setting]));
  const names = [...new Set([...last.keys(), ...now.keys()])].sort();
  const changes = names
    .filter((name) => before.complete === complete || (last.has(name) && now.has(name)))
    .filter((name) => last.get(name) !== now.get(name))
    .map((name) => ({
      name,
      before: shown(name, last.get(name)),
      after: shown(name, now.get(name)),
      at: new Date(at).toISOString(),
    }));
  const seen = { ...before, settings: all, complete };
  if (changes.length === 0) return seen;
  return { ...seen, changedAt: at, changes: [...before.changes, ...changes].slice(-MOST_CHANGES) };
};

/** A value as people may see it. */
export const shown = (name: string, setting: string | undefined): string | null =>
  setting === undefined ? null : setting !== '' && (isSecret(name) || holdsSecret(setting)) ? '(hidden)' : setting;

/** A number that changes when a setting of the server does: 48 bits, exact in a double. */
export const hashOf = (settings: readonly Setting[]): number => {
  const text = settings
    .filter(isServers)
    .map(({ name, setting }) => `${name}=${setting}`)
    .sort()
    .join('\n');
  return parseInt(createHash('sha256').update(text).digest('hex').slice(0, 12), 16);
};
