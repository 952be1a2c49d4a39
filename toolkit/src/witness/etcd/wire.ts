import { z } from 'zod';
import type { Compare, KeyValue, Op, Txn, TxnAnswer } from './txn';

/** Transactions in the words of etcd's JSON gateway (https://etcd.io/docs/v3.4/dev-guide/api_grpc_gateway/). */

const encode = (text: string): string => Buffer.from(text, 'utf8').toString('base64');
const decode = (base64: string): string => Buffer.from(base64, 'base64').toString('utf8');

/** The first key after all that begin with `prefix`: as etcdctl does it, for the ASCII that keys are made of. */
const endOf = (prefix: string): string =>
  prefix.slice(0, -1) + String.fromCharCode(prefix.charCodeAt(prefix.length - 1) + 1);

const compareOf = (compare: Compare): object => {
  const key = encode(compare.key);
  switch (compare.is) {
    case 'revision':
      return { key, target: 'MOD', result: 'EQUAL', mod_revision: compare.revision };
    case 'value':
      return { key, target: 'VALUE', result: 'EQUAL', value: encode(compare.value) };
    case 'absent':
      return { key, target: 'CREATE', result: 'EQUAL', create_revision: '0' };
  }
};

const opOf = (op: Op): object => {
  switch (op.op) {
    case 'get':
      return { request_range: { key: encode(op.key) } };
    case 'getAll':
      return { request_range: { key: encode(op.prefix), range_end: encode(endOf(op.prefix)) } };
    case 'put':
      return { request_put: { key: encode(op.key), value: encode(op.value), lease: op.lease } };
    case 'touch':
      return { request_put: { key: encode(op.key), ignore_value: true, ignore_lease: true } };
    case 'remove':
      return { request_delete_range: { key: encode(op.key) } };
  }
};

export const txnBody = ({ compare, then }: Txn): object => ({
  compare: compare.map(compareOf),
  success: then.map(opOf),
  failure: [],
});

/** The gateway writes 64-bit numbers as strings and leaves out what is zero. */
const int64 = z.union([z.string().regex(/^-?\d+$/), z.number().int().transform(String)]);

const keyValue = z.object({
  key: z.string(),
  value: z.string().default(''),
  mod_revision: int64,
  lease: int64.default('0'),
});

const txnAnswer = z.object({
  succeeded: z.boolean().default(false),
  responses: z
    .array(z.object({ response_range: z.object({ kvs: z.array(keyValue).default([]) }).optional() }))
    .default([]),
});

export const parseTxnAnswer = (body: unknown): TxnAnswer => {
  const { succeeded, responses } = txnAnswer.parse(body);
  return {
    succeeded,
    found: responses.flatMap(({ response_range }) =>
      (response_range?.kvs ?? []).map((kv): KeyValue => ({
        key: decode(kv.key),
        value: decode(kv.value),
        revision: kv.mod_revision,
        lease: kv.lease === '0' ? null : kv.lease,
      })),
    ),
  };
};

const grantAnswer = z.object({ ID: int64, TTL: int64 });

export const parseGrant = (body: unknown): string => grantAnswer.parse(body).ID;

/** Seconds; etcd rounds what remains down. */
export type LeaseLeft = { readonly granted: number; readonly remaining: number };

const leftAnswer = z.object({ TTL: int64.default('0'), grantedTTL: int64.default('0') });

/** Null for a lease that has ended: etcd says −1. */
export const parseLeaseLeft = (body: unknown): LeaseLeft | null => {
  const { TTL, grantedTTL } = leftAnswer.parse(body);
  return Number(TTL) < 0 ? null : { granted: Number(grantedTTL), remaining: Number(TTL) };
};

const errorAnswer = z.object({ message: z.string(), code: z.number() });

/** What etcd says went wrong, and gRPC's code of it; undefined for an answer that isn't the gateway's. */
export const parseError = (body: unknown): z.output<typeof errorAnswer> | undefined => errorAnswer.safeParse(body).data;
