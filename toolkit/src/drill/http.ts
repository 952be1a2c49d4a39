import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';

/** What a client needs to trust a server, and to be trusted by it; PEM texts. */
export type Trust = { readonly ca?: string; readonly cert?: string; readonly key?: string };

export type Asked = {
  readonly method?: 'GET' | 'POST' | 'PATCH';
  readonly body?: unknown;
  readonly authorization?: string | undefined;
  readonly trust?: Trust | undefined;
  readonly timeoutMs: number;
};

export type Answered = { readonly status: number; readonly text: string };

/** One request on a connection of its own, bounded in time. */
export const request = (
  url: string,
  { method = 'GET', body, authorization, trust = {}, timeoutMs }: Asked,
): Promise<Answered> =>
  new Promise((resolve, reject) => {
    const text = body === undefined ? undefined : JSON.stringify(body);
    const send = url.startsWith('https:') ? httpsRequest : httpRequest;
    const sent = send(
      url,
      {
        method,
        agent: false,
        signal: AbortSignal.timeout(timeoutMs),
        headers: {
          accept: 'application/json',
          ...(text === undefined
            ? {}
            : { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(text)) }),
          ...(authorization === undefined ? {} : { authorization }),
        },
        ...trust,
      },
      (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.on('error', reject);
        answer.on('end', () => resolve({ status: answer.statusCode ?? 0, text: Buffer.concat(chunks).toString() }));
      },
    );
    sent.on('error', (error) =>
      reject(isTimeout(error) ? new Error(`no answer from ${url} in ${timeoutMs} ms`) : error),
    );
    sent.end(text);
  });

const isTimeout = (error: Error): boolean => error.name === 'TimeoutError' || error.name === 'AbortError';
