import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { type Deadline, Problem, problemOf } from '@submilli/core';

/** One Patroni REST address. */
export type Endpoint = { readonly url: string; readonly address: string; readonly ca: string | undefined };

const LIMIT_MS = 1000;
const LIMIT_BYTES = 1_048_576;

/**
 * `GET` of one of Patroni's JSON resources. Patroni answers 503 with the same JSON for a member that isn't running, so
 * the body counts, not the status. Bounded in time and size.
 */
export const getJson = async ({ url, address, ca }: Endpoint, path: string, deadline: Deadline): Promise<unknown> => {
  const where = `Patroni ${address}${path}`;
  const text = await fetchText(new URL(path, url), ca, Math.min(LIMIT_MS, deadline.remainingMs()), where);
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    const hint = 'Is this really the address of Patroni’s REST API?';
    throw new Problem('data', { what: 'the answer is not JSON', where, hint, cause });
  }
};

const fetchText = (url: URL, ca: string | undefined, limitMs: number, where: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const fail = (error: unknown): void => {
      clearTimeout(timer);
      sent.destroy();
      reject(problemOf(error, where));
    };
    const timer = setTimeout(
      () => {
        const what = `no answer within ${Math.round(limitMs)} ms`;
        fail(new Problem('timeout', { what, where, hint: 'Is the member alive, and the network between?' }));
      },
      Math.max(1, limitMs),
    );
    const send = url.protocol === 'https:' ? httpsRequest : httpRequest;
    const sent = send(
      url,
      { headers: { accept: 'application/json' }, ...(ca === undefined ? {} : { ca }) },
      (answer) => {
        const chunks: Buffer[] = [];
        let size = 0;
        answer.on('data', (chunk: Buffer) => {
          size += chunk.length;
          chunks.push(chunk);
          if (size > LIMIT_BYTES) fail(new Problem('data', { what: 'the answer is larger than 1 MiB', where }));
        });
        answer.on('error', fail);
        answer.on('end', () => {
          clearTimeout(timer);
          resolve(Buffer.concat(chunks).toString('utf8'));
        });
      },
    );
    sent.on('error', fail);
    sent.end();
  });
