import type { KeyValue, Txn, TxnAnswer } from '../../../src/witness/etcd/txn';

/** etcd as its clients see it: keys with revisions that never come again, and transactions at one moment. */
export type Store = Readonly<Record<string, Entry>>;
export type Entry = { readonly value: string; readonly revision: string; readonly lease: string | null };

/** The counter is no part of what tells states apart: `JSON.stringify` leaves it out. */
let last = 0;
export const newRevision = (): string => {
  last += 1;
  return `r${last}`;
};

export const apply = (store: Store, { compare, then }: Txn): { readonly store: Store; readonly answer: TxnAnswer } => {
  const holds = compare.every((asked) => {
    const entry = store[asked.key];
    switch (asked.is) {
      case 'absent':
        return entry === undefined;
      case 'revision':
        return entry?.revision === asked.revision;
      case 'value':
        return entry?.value === asked.value;
    }
  });
  if (!holds) return { store, answer: { succeeded: false, found: [] } };
  const after: Record<string, Entry> = { ...store };
  const revision = then.some(({ op }) => op === 'put' || op === 'touch') ? newRevision() : '';
  const writes = revision !== '' || then.some(({ op }) => op === 'remove');
  const found: KeyValue[] = [];
  for (const op of then) {
    switch (op.op) {
      case 'get':
        found.push(...entriesOf(after, (key) => key === op.key));
        break;
      case 'getAll':
        found.push(...entriesOf(after, (key) => key.startsWith(op.prefix)));
        break;
      case 'put':
        after[op.key] = { value: op.value, revision, lease: op.lease };
        break;
      case 'touch': {
        const entry = after[op.key];
        if (entry === undefined) throw new Error(`etcd refuses to touch ${op.key}, which is not there`);
        after[op.key] = { ...entry, revision };
        break;
      }
      case 'remove':
        delete after[op.key];
        break;
    }
  }
  return { store: writes ? sorted(after) : store, answer: { succeeded: true, found } };
};

export const put = (store: Store, key: string, value: string, lease: string | null = null): Store =>
  sorted({ ...store, [key]: { value, revision: newRevision(), lease } });

export const without = (store: Store, isGone: (key: string, entry: Entry) => boolean): Store =>
  Object.fromEntries(Object.entries(store).filter(([key, entry]) => !isGone(key, entry)));

const entriesOf = (store: Store, wanted: (key: string) => boolean): KeyValue[] =>
  Object.entries(store).flatMap(([key, entry]) => (wanted(key) ? [{ key, ...entry }] : []));

/** The same keys always in the same order, so that equal stores are written alike. */
const sorted = (store: Store): Store => Object.fromEntries(Object.entries(store).sort(([a], [b]) => (a < b ? -1 : 1)));
