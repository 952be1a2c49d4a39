import { readFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { messageOf } from '@submilli/core';
import type { Layout } from './layout';

export type Answer = { readonly status: number; readonly text: string };

/** Files of whom to trust and, for what asks for one, of a client certificate. Read at each request. */
export type Tls = { readonly caFile: string; readonly certFile?: string; readonly keyFile?: string };

export type Asking = {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly tls?: Tls | undefined;
  /** A longer answer is none. */
  readonly mostBytes?: number;
};

/** Trusts the cluster's authority: enough to read from Patroni. */
export const trusting = (layout: Layout): Tls => ({ caFile: layout.certOf('ca') });

/** Comes with the operator's certificate: what Patroni takes changes from. */
export const asOperator = (layout: Layout): Tls => ({
  ...{ caFile: layout.certOf('ca') },
  ...{ certFile: layout.certOf('operator'), keyFile: layout.keyOf('operator') },
});

const optionsOf = ({ caFile, certFile, keyFile }: Tls) => ({
  ca: readFileSync(caFile),
  ...(certFile === undefined ? {} : { cert: readFileSync(certFile) }),
  ...(keyFile === undefined ? {} : { key: readFileSync(keyFile) }),
});

/** One request. Rejects with one sentence that names the URL, whatever way the other side fails to answer. */
export const ask = async (url: string, signal: AbortSignal, asking: Asking = {}): Promise<Answer> => {
  const { method = 'GET', headers = {}, body, tls, mostBytes = Infinity } = asking;
  try {
    return await new Promise<Answer>((resolve, reject) => {
      const send = url.startsWith('https:') ? httpsRequest : httpRequest;
      const sent = send(
        url,
        {
          ...{ method, signal, agent: false, headers: { connection: 'close', ...headers } },
          ...(tls === undefined ? {} : optionsOf(tls)),
        },
        (answer) => {
          let text = '';
          answer.setEncoding('utf8').on('data', (chunk: string) => {
            text += chunk;
            if (text.length > mostBytes) answer.destroy(new Error(`it answers with more than ${mostBytes} bytes`));
          });
          answer.on('end', () => resolve({ status: answer.statusCode ?? 0, text }));
          answer.on('error', reject);
        },
      );
      sent.on('error', reject);
      sent.end(body);
    });
  } catch (error) {
    throw new Error(`no answer from ${url}: ${reasonOf(error, signal)}`, { cause: error });
  }
};

export const get = (url: string, signal: AbortSignal, tls?: Tls): Promise<Answer> => ask(url, signal, { tls });

/** Like `get`, but anything other than 200 is a failure, with the beginning of the body as its reason. */
export const getOk = async (url: string, signal: AbortSignal, tls?: Tls): Promise<string> => {
  const { status, text } = await get(url, signal, tls);
  if (status === 200) return text;
  throw new Error(`${url} answers ${status}: ${text.trim().split('\n')[0]?.slice(0, 120) ?? ''}`);
};

export const getJson = async (url: string, signal: AbortSignal, tls?: Tls): Promise<unknown> =>
  JSON.parse(await getOk(url, signal, tls));

const reasonOf = (error: unknown, signal: AbortSignal): string => {
  const reason = signal.reason as Error | undefined;
  return signal.aborted && reason?.name === 'TimeoutError' ? 'too slow' : messageOf(error);
};
