import { messageOf, readPassword, SubmilliError, type WitnessSettings } from '@submilli/core';
import { ask, createAgents } from '../request';
import type { Txn, TxnAnswer } from './txn';
import { type LeaseLeft, parseError, parseGrant, parseLeaseLeft, parseTxnAnswer, txnBody } from './wire';

/** What a witness asks of etcd, by its JSON gateway: `/v3`, which is etcd 3.4 and newer. */
export type Etcd = {
  /** Reads are linearizable: never older than the moment they were asked for. */
  readonly read: (txn: Txn) => Promise<TxnAnswer>;
  /** Asked once, of one member. When that fails, it may have been done all the same, now or a little later. */
  readonly write: (txn: Txn) => Promise<TxnAnswer>;
  readonly grantLease: (seconds: number) => Promise<string>;
  readonly leaseLeft: (lease: string) => Promise<LeaseLeft | null>;
  readonly close: () => void;
};

/** gRPC's Unauthenticated; etcd 3.4 says InvalidArgument of a request without any token. */
const WHO_ARE_YOU = 16;
const NO_TOKEN = /user name is empty|invalid auth token/;

export const createEtcd = (settings: WitnessSettings['etcd']): Etcd => {
  const { urls, user, timeout_ms: timeoutMs } = settings;
  const agents = createAgents(settings, 'witness.etcd');
  /** The member that answered last. */
  let current = 0;
  let token: string | undefined;

  const postTo = async (at: number, path: string, body: object): Promise<unknown> => {
    const url = new URL(path, urls[at % urls.length]);
    const headers = { 'content-type': 'application/json', ...(token === undefined ? {} : { authorization: token }) };
    const answer = await ask(url, agents, { method: 'POST', headers, body: JSON.stringify(body), timeoutMs }).catch(
      (cause: unknown) => {
        throw new SubmilliError({ what: messageOf(cause), where: `etcd ${url.host}`, cause });
      },
    );
    const parsed = parseJson(answer.text);
    if (answer.status === 200) return parsed;
    const { message, code } = parseError(parsed) ?? { message: `${answer.status}: ${firstLine(answer.text)}`, code: 0 };
    throw new EtcdError(code, { what: message, where: `etcd ${url.host}` });
  };

  const authenticate = async (at: number): Promise<void> => {
    token = undefined;
    const password = readPassword(settings, 'witness.etcd');
    const body = (await postTo(at, '/v3/auth/authenticate', { name: user, password })) as
      { token?: string } | undefined;
    token = body?.token;
  };

  const post = async (at: number, path: string, body: object): Promise<unknown> => {
    if (user === undefined) return postTo(at, path, body);
    if (token === undefined) await authenticate(at);
    try {
      return await postTo(at, path, body);
    } catch (error) {
      if (!(error instanceof EtcdError) || (error.code !== WHO_ARE_YOU && !NO_TOKEN.test(error.what))) throw error;
      await authenticate(at);
      return postTo(at, path, body);
    }
  };

  /** Each member is asked at most once, beginning with the one that answered last. */
  const fromAny = async (path: string, body: object): Promise<unknown> => {
    const problems: string[] = [];
    while (problems.length < urls.length) {
      try {
        return await post(current, path, body);
      } catch (error) {
        problems.push(messageOf(error));
        current = (current + 1) % urls.length;
      }
    }
    throw new SubmilliError({ what: problems.join('; '), hint: 'Is etcd up, and has it a leader?' });
  };

  const fromOne = async (path: string, body: object): Promise<unknown> => {
    try {
      return await post(current, path, body);
    } catch (error) {
      current = (current + 1) % urls.length;
      throw error;
    }
  };

  return {
    read: async (txn) => parseTxnAnswer(await fromAny('/v3/kv/txn', txnBody(txn))),
    write: async (txn) => parseTxnAnswer(await fromOne('/v3/kv/txn', txnBody(txn))),
    grantLease: async (seconds) => parseGrant(await fromOne('/v3/lease/grant', { TTL: String(seconds) })),
    leaseLeft: async (lease) => parseLeaseLeft(await fromAny('/v3/lease/timetolive', { ID: lease })),
    close: agents.close,
  };
};

class EtcdError extends SubmilliError {
  readonly code: number | undefined;

  constructor(code: number | undefined, parts: ConstructorParameters<typeof SubmilliError>[0]) {
    super(parts);
    this.code = code;
  }
}

const firstLine = (text: string): string => text.split('\n')[0]?.slice(0, 200) ?? '';

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};
