import { createHash } from 'node:crypto';
import type { SettingChange } from '@submilli/core';
import { isSecret } from './watched';

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
  readonly first: ReadonlyMap<string, string> | undefined;
  /** Milliseconds since the epoch, on the server's clock. */
  readonly firstAt: number;
  readonly changedAt: number | undefined;
  /** The latest last; bounded. */
  readonly changes: readonly SettingChange[];
};

const MOST_CHANGES = 200;

export const noDrift: Drift = { settings: [], first: undefined, firstAt: 0, changedAt: undefined, changes: [] };

/** Values that hold for our own session only say nothing about the server. */
const OWN = new Set(['client', 'session', 'user', 'database', 'database user', 'interactive', 'test', 'override']);
/** These differ by what the server does, not by how it is set. */
const MOVING = new Set(['in_hot_standby', 'transaction_read_only', 'application_name']);

export const isServers = ({ name, source }: Setting): boolean => !OWN.has(source) && !MOVING.has(name);

export const takeSettings = (before: Drift, all: readonly Setting[], at: number): Drift => {
  const settings = all.filter(isServers);
  const now = new Map(settings.map(({ name, setting }) => [name, setting]));
  if (before.first === undefined) return { ...before, settings: all, first: now, firstAt: at };
  const last = new Map(before.settings.filter(isServers).map(({ name, setting }) => [name, setting]));
  const names = [...new Set([...last.keys(), ...now.keys()])].sort();
  const changes = names
    .filter((name) => last.get(name) !== now.get(name))
    .map((name) => ({
      name,
      before: shown(name, last.get(name)),
      after: shown(name, now.get(name)),
      at: new Date(at).toISOString(),
    }));
  if (changes.length === 0) return { ...before, settings: all };
  return { ...before, settings: all, changedAt: at, changes: [...before.changes, ...changes].slice(-MOST_CHANGES) };
};

/** A value as people may see it. */
export const shown = (name: string, setting: string | undefined): string | null =>
  setting === undefined ? null : isSecret(name) && setting !== '' ? '(hidden)' : setting;

/** A number that changes when a setting of the server does: 48 bits, exact in a double. */
export const hashOf = (settings: readonly Setting[]): number => {
  const text = settings
    .filter(isServers)
    .map(({ name, setting }) => `${name}=${setting}`)
    .sort()
    .join('\n');
  return parseInt(createHash('sha256').update(text).digest('hex').slice(0, 12), 16);
};
