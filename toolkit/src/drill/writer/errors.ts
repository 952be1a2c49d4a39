import { messageOf } from '@submilli/core';

/** The server says that it committed, and warns that nobody else may have it: a client must not count on it. */
export class LocalOnly extends Error {}

/** Nothing came back for as long as the client was willing to wait. */
export class NoAnswer extends Error {}

/** What a client would tell apart: an SQLSTATE, a code of the operating system, or the few things that have neither. */
export const classOf = (error: unknown): string => {
  if (error instanceof LocalOnly) return 'committed locally only';
  if (error instanceof NoAnswer) return 'no answer';
  const first: unknown = error instanceof AggregateError ? error.errors[0] : error;
  const code: unknown = first !== null && typeof first === 'object' && 'code' in first ? first.code : undefined;
  if (typeof code === 'string') return code;
  const message = messageOf(first);
  if (/timeout/i.test(message)) return 'no answer';
  if (/connection terminated|connection ended|not queryable|connection error/i.test(message)) return 'connection lost';
  return message === 'no member takes writes' ? message : 'other';
};
