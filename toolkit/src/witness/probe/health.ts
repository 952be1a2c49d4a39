import { messageOf } from '@submilli/core';
import type { Health } from '../look';

/** The other side is not there, or not any more. Everything else may be a fault of ours, and finds nobody dead. */
const GONE = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'EHOSTUNREACH', 'EHOSTDOWN', 'ETIMEDOUT']);

/**
 * What a failed question tells. `elapsedMs` is what our own clock says it took: when a time limit is noticed much too
 * late, it was us who stood still, and the answer may have been there all along.
 */
export const healthOf = (error: unknown, what: string, elapsedMs: number, timeoutMs: number): Health => {
  const code = error !== null && typeof error === 'object' && 'code' in error ? error.code : undefined;
  if (elapsedMs > 2 * timeoutMs) return { is: 'unknown', why: `${what}: this witness itself was too slow to tell` };
  if (code === 'NO_ANSWER') return { is: 'dead', why: `${what} does not answer within ${timeoutMs} ms` };
  if (typeof code === 'string' && GONE.has(code)) return { is: 'dead', why: `${what}: ${messageOf(error)}` };
  return { is: 'unknown', why: `${what}: ${messageOf(error)}` };
};
