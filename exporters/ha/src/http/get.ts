import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Socket } from 'node:net';
import { type Deadline, Problem, problemOf, readFile } from '@submilli/core';
import { reachOf, Unreached } from './reach';

/** One HTTP address, with the files that say whom to trust and who we are. */
export type Endpoint = {
  readonly url: string;
  /** host:port, as shown to people. */
  readonly address: string;
  /** Whose it is, for errors: "Patroni", "etcd". */
  readonly service: string;
  readonly files: TlsFiles;
  readonly login?: Login;
};

export type TlsFiles = {
  readonly ca?: NamedFile | undefined;
  readonly cert?: NamedFile | undefined;
  readonly key?: NamedFile | undefined;
};

/** A file, and the key of the configuration that names it. */
type NamedFile = { readonly path: string; readonly key: string };

export type Login = {
  readonly user: string;
  readonly password?: string | undefined;
  readonly password_file?: string | undefined;
};

export type Answer = { readonly status: number; readonly text: string };

const LIMIT_MS = 1000;
const LIMIT_BYTES = 1_048_576;

/**
 * `GET` of a JSON resource. Patroni answers 503 with the same JSON for a member that isn't running, so the body counts,
 * not the status. Bounded in time and size.
 */
export const getJson = async (endpoint: Endpoint, path: string, deadline: Deadline): Promise<unknown> => {
  const { text, status } = await fetchText(endpoint, { path }, deadline);
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    if (status === 401 || status === 403) throw refusal(endpoint, path, status);
    throw new Problem('data', {
      what: 'the answer is not JSON',
      where: whereOf(endpoint, path),
      hint: `Is this really the address of ${endpoint.service}?`,
      cause,
    });
  }
};

const refusal = (endpoint: Endpoint, path: string, status: number): Problem =>
  new Problem('authentication', {
    what: `it answers ${status}: who we are is not enough to read`,
    where: whereOf(endpoint, path),
    hint: 'Check user, password file and client certificate in the cluster’s configuration.',
  });

const whereOf = ({ service, address }: Endpoint, path: string): string => `${service} ${address}${path}`;

type Asked = { readonly path: string; readonly method?: 'GET' | 'POST'; readonly body?: string };

/** One request on a connection of its own: Patroni's server ends each after its answer. */
export const fetchText = async (endpoint: Endpoint, asked: Asked, deadline: Deadline): Promise<Answer> => {
  const where = whereOf(endpoint, asked.path);
  const url = new URL(asked.path, endpoint.url);
  const options = {
    method: asked.method ?? 'GET',
    agent: false,
    headers: { accept: '*/*', ...authorizationOf(endpoint, where) },
    ...(url.protocol === 'https:' ? tlsOf(endpoint.files, where) : {}),
  } as const;
  const limitMs = Math.max(1, Math.min(LIMIT_MS, deadline.remainingMs()));
  return new Promise((resolve, reject) => {
    let connected = false;
    const fail = (problem: Problem, error: unknown): void => {
      clearTimeout(timer);
      sent.destroy();
      const isLate = problem.kind === 'timeout';
      reject(new Unreached(isLate ? (connected ? 'silent' : 'unreachable') : reachOf(error), problem));
    };
    const timer = setTimeout(() => {
      const what = `no answer within ${Math.round(limitMs)} ms`;
      const hint = 'Is the member alive, and the network between?';
      fail(new Problem('timeout', { what, where, hint }), undefined);
    }, limitMs);
    const onError = (error: unknown): void => fail(problemOf(error, where), error);
    const sent = (url.protocol === 'https:' ? httpsRequest : httpRequest)(url, options, (answer) => {
      const chunks: Buffer[] = [];
      let size = 0;
      answer.on('data', (chunk: Buffer) => {
        size += chunk.length;
        chunks.push(chunk);
        if (size > LIMIT_BYTES) onError(new Problem('data', { what: 'the answer is larger than 1 MiB', where }));
      });
      answer.on('error', onError);
      answer.on('end', () => {
        clearTimeout(timer);
        resolve({ status: answer.statusCode ?? 0, text: Buffer.concat(chunks).toString('utf8') });
      });
    });
    sent.on('socket', (socket: Socket) => socket.once('connect', () => (connected = true)));
    sent.on('error', onError);
    sent.end(asked.body);
  });
};

/** Read anew at each request, so that what was renewed or rotated is used from the next one on. */
const tlsOf = ({ ca, cert, key }: TlsFiles, where: string) => {
  const read = (file: NamedFile | undefined): string | undefined =>
    file === undefined ? undefined : readFile(file.path, where, file.key);
  const [trusted, certificate, secret] = [read(ca), read(cert), read(key)];
  return {
    ...(trusted === undefined ? {} : { ca: trusted }),
    ...(certificate === undefined || secret === undefined ? {} : { cert: certificate, key: secret }),
  };
};

const authorizationOf = ({ login }: Endpoint, where: string): Record<string, string> => {
  if (login === undefined) return {};
  const { user, password: given, password_file } = login;
  const read = () => readFile(password_file ?? '', where, 'patroni_password_file').trimEnd();
  const password = password_file === undefined ? (given ?? '') : read();
  return { authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}` };
};
