import { messageOf } from '@submilli/core';

export type Answer = { readonly status: number; readonly text: string };

/** One GET. Rejects with one sentence that names the URL, whatever way the other side fails to answer. */
export const get = async (url: string, signal: AbortSignal): Promise<Answer> => {
  try {
    const response = await fetch(url, { signal, headers: { connection: 'close' } });
    return { status: response.status, text: await response.text() };
  } catch (error) {
    throw new Error(`no answer from ${url}: ${rootOf(error)}`, { cause: error });
  }
};

/** Like `get`, but anything other than 200 is a failure, with the beginning of the body as its reason. */
export const getOk = async (url: string, signal: AbortSignal): Promise<string> => {
  const { status, text } = await get(url, signal);
  if (status === 200) return text;
  throw new Error(`${url} answers ${status}: ${text.trim().split('\n')[0]?.slice(0, 120) ?? ''}`);
};

export const getJson = async (url: string, signal: AbortSignal): Promise<unknown> =>
  JSON.parse(await getOk(url, signal));

/** `fetch` says "fetch failed" and keeps the reason in the cause. */
const rootOf = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error);
  if (error.name === 'TimeoutError') return 'too slow';
  return error.cause === undefined ? error.message : messageOf(error.cause);
};
