import { Agent as HttpAgent, type AgentOptions, request as httpRequest } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import type { ConnectionOptions } from 'node:tls';
import { readFile } from '@submilli/core';

/** HTTP bounded in time and size, for etcd and Patroni. */

export type TlsFiles = {
  readonly ca_file?: string | undefined;
  readonly cert_file?: string | undefined;
  readonly key_file?: string | undefined;
};

export type Agents = { readonly http: HttpAgent; readonly https: HttpsAgent; readonly close: () => void };

/** Connections are kept; files are read anew at each new one, so that renewed certificates are used by themselves. */
export const createAgents = (files: TlsFiles, where: string): Agents => {
  const options: AgentOptions = { keepAlive: true, maxSockets: 8, maxFreeSockets: 4 };
  const http = new HttpAgent(options);
  const https = new HttpsAgent({ ...options, minVersion: 'TLSv1.2' });
  const connect = https.createConnection.bind(https);
  https.createConnection = (asked, done) => connect({ ...asked, ...readTls(files, where) }, done);
  return {
    http,
    https,
    close: () => {
      http.destroy();
      https.destroy();
    },
  };
};

const readTls = ({ ca_file, cert_file, key_file }: TlsFiles, where: string): ConnectionOptions => ({
  ...(ca_file === undefined ? {} : { ca: readFile(ca_file, where, 'ca_file') }),
  ...(cert_file === undefined ? {} : { cert: readFile(cert_file, where, 'cert_file') }),
  ...(key_file === undefined ? {} : { key: readFile(key_file, where, 'key_file') }),
});

export type Asked = {
  readonly method: 'GET' | 'POST';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly timeoutMs: number;
};

export type Answer = { readonly status: number; readonly text: string };

/** No answer in time; the other side may be well and we may be slow, so that whoever catches it looks at the clock. */
export class NoAnswer extends Error {
  readonly code = 'NO_ANSWER';
}

const LIMIT_BYTES = 1_048_576;

export const ask = (url: URL, agents: Agents, { method, headers, body, timeoutMs }: Asked): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const isTls = url.protocol === 'https:';
    const options = { method, headers: { accept: 'application/json', ...headers } };
    const sent = isTls
      ? httpsRequest(url, { ...options, agent: agents.https })
      : httpRequest(url, { ...options, agent: agents.http });
    const fail = (error: Error): void => {
      clearTimeout(timer);
      sent.destroy();
      reject(error);
    };
    const timer = setTimeout(() => fail(new NoAnswer(`no answer within ${timeoutMs} ms`)), timeoutMs);
    sent.on('response', (answer) => {
      const chunks: Buffer[] = [];
      let size = 0;
      answer.on('data', (chunk: Buffer) => {
        size += chunk.length;
        chunks.push(chunk);
        if (size > LIMIT_BYTES) fail(new Error('the answer is larger than 1 MiB'));
      });
      answer.on('error', fail);
      answer.on('end', () => {
        clearTimeout(timer);
        resolve({ status: answer.statusCode ?? 0, text: Buffer.concat(chunks).toString('utf8') });
      });
    });
    sent.on('error', fail);
    sent.end(body);
  });
