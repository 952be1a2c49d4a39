/** A transaction of etcd, as far as a witness needs one: when all of `compare` holds, all of `then` is done, at one moment. */
export type Txn = { readonly compare: readonly Compare[]; readonly then: readonly Op[] };

/** `revision` is the key's modification revision: it changes with every write, also of the same value. */
export type Compare =
  | { readonly is: 'revision'; readonly key: string; readonly revision: string }
  | { readonly is: 'value'; readonly key: string; readonly value: string }
  | { readonly is: 'absent'; readonly key: string };

export type Op =
  | { readonly op: 'get'; readonly key: string }
  /** Every key that begins with this one. */
  | { readonly op: 'getAll'; readonly prefix: string }
  | { readonly op: 'put'; readonly key: string; readonly value: string; readonly lease: string }
  /** The value stays, its revision moves. */
  | { readonly op: 'touch'; readonly key: string }
  | { readonly op: 'remove'; readonly key: string };

export type KeyValue = {
  readonly key: string;
  readonly value: string;
  readonly revision: string;
  /** The lease the key ends with; null without one. */
  readonly lease: string | null;
};

/** `found`: what all reads of the transaction found, if it succeeded. */
export type TxnAnswer = { readonly succeeded: boolean; readonly found: readonly KeyValue[] };
