import { isDeepStrictEqual } from 'node:util';
import { parse } from 'yaml';
import type { Live, PoolSetting } from './live';
import { amountOf } from './quantity';

/** What must happen for a changed file to count. */
export type Effect = {
  readonly reload: boolean;
  /** Settings that are read at a start only. */
  readonly restart: readonly string[];
  /** A pool, that it may have fewer server connections than before; and the other way round. */
  readonly shrinks: boolean;
  readonly grows: boolean;
  /** Why it can't be done to what runs. */
  readonly refusal: string | undefined;
};

export const noEffect: Effect = { reload: false, restart: [], shrinks: false, grows: false, refusal: undefined };

type Tree = Readonly<Record<string, unknown>>;
const isTree = (value: unknown): value is Tree => typeof value === 'object' && value !== null && !Array.isArray(value);
const treeOf = (text: string): Tree => {
  const value: unknown = parse(text);
  return isTree(value) ? value : {};
};

const differing = (one: unknown, other: unknown): string[] => {
  const [a, b] = [isTree(one) ? one : {}, isTree(other) ? other : {}];
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].filter((key) => !isDeepStrictEqual(a[key], b[key]));
};

const IDENTITY = ['scope', 'namespace', 'name'];
/** Of a member's own section: what its server has from its start on, and what Patroni does not take to another place. */
const AT_START = ['listen'];
const BY_HAND = ['data_dir', 'bin_dir'];

/** Of a patroni.yml. What it begins a new cluster with is nothing to one that is there. */
export const patroniEffect = (before: string, after: string, settings: Live['settings']): Effect => {
  const [old, wanted] = [treeOf(before), treeOf(after)];
  const changed = differing(old, wanted).filter((key) => key !== 'bootstrap');
  const identity = changed.filter((key) => IDENTITY.includes(key));
  if (identity.length > 0) {
    return { ...noEffect, refusal: `another ${identity.join(', another ')} is another cluster: make that one anew` };
  }
  const [a, b] = [old.postgresql, wanted.postgresql];
  const section = changed.includes('postgresql') ? differing(a, b) : [];
  const byHand = section.filter((key) => BY_HAND.includes(key));
  if (byHand.length > 0) return { ...noEffect, refusal: `another ${byHand.join(', ')} takes a move by hand` };
  const parameters = section.includes('parameters')
    ? differing((a as Tree | undefined)?.parameters, (b as Tree | undefined)?.parameters)
    : [];
  const restart = [
    ...section.filter((key) => AT_START.includes(key)),
    ...parameters.filter((name) => settings.get(name)?.context === 'postmaster'),
  ];
  return { ...noEffect, reload: changed.length > 0, restart };
};

/** Settings of a pgbouncer.ini, by section and name; the last of two counts. */
const iniOf = (text: string): ReadonlyMap<string, string> => {
  const values = new Map<string, string>();
  let section = '';
  for (const line of text.split('\n')) {
    section = /^\s*\[([^\]]+)\]/.exec(line)?.[1] ?? section;
    const [, name, value] = /^\s*([^;#[\s=][^=]*?)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
    if (name !== undefined) values.set(section === 'pgbouncer' ? name : `${section}: ${name}`, value ?? '');
    const include = /^\s*%include\s+(.*)$/.exec(line)?.[1];
    if (include !== undefined) values.set(`${section}: %include ${include}`, '');
  }
  return values;
};

const SIZES = ['default_pool_size', 'min_pool_size', 'reserve_pool_size', 'max_db_connections', 'max_user_connections'];

/** Of a pgbouncer.ini, as its own `SHOW CONFIG` says what can be changed. */
export const poolEffect = (before: string, after: string, known: ReadonlyMap<string, PoolSetting>): Effect => {
  const [old, wanted] = [iniOf(before), iniOf(after)];
  const changed = [...new Set([...old.keys(), ...wanted.keys()])].filter((name) => old.get(name) !== wanted.get(name));
  const sizes = changed
    .filter((name) => SIZES.includes(name))
    .map((name) => ({ from: sizeOf(old.get(name), name, known), to: sizeOf(wanted.get(name), name, known) }));
  return {
    reload: changed.length > 0,
    restart: changed.filter((name) => known.get(name)?.changeable === false),
    shrinks: sizes.some(({ from, to }) => to < from),
    grows: sizes.some(({ from, to }) => to > from),
    refusal: undefined,
  };
};

/** 0 is no limit, and none given is the running value's own business: where that is not known, any number is another. */
const sizeOf = (text: string | undefined, name: string, known: ReadonlyMap<string, PoolSetting>): number => {
  const size = Number(text ?? known.get(name)?.value ?? 0);
  return size === 0 && name.startsWith('max_') ? Infinity : size;
};

/** In which a standby that runs can't have less than its primary. */
const NEVER_LESS_ON_STANDBY = [
  ...['max_connections', 'max_worker_processes', 'max_wal_senders'],
  ...['max_prepared_transactions', 'max_locks_per_transaction'],
];

export const lowersForStandbys = (name: string, before: unknown, after: unknown): boolean =>
  NEVER_LESS_ON_STANDBY.includes(name) && (amountOf(after) ?? 0) < (amountOf(before) ?? 0);
