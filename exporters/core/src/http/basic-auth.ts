import { compare } from 'bcryptjs';
import { createHmac, randomBytes } from 'node:crypto';

/** `busy`: more wrong passwords are on their way than are looked at; whoever asks tries again. */
export type Verdict = 'known' | 'unknown' | 'busy';

/** What a request's `Authorization` header is worth; `from` is the address it comes from. */
export type Authenticate = (authorization: string | undefined, from: string) => Promise<Verdict>;

export type Compare = (password: string, hash: string) => Promise<boolean>;

const MAX_REMEMBERED = 100;
/** Passwords that wait for their turn: of one address, and of all. */
const MAX_WAITING = { ofAddress: 4, ofAll: 16 } as const;

/**
 * Compares one password at a time: bcrypt is slow on purpose, and whoever sends many wrong ones shall not keep the
 * others from being served. A scrape every few seconds pays it once.
 */
export const basicAuth = (users: Readonly<Record<string, string>>, matches: Compare = compare): Authenticate => {
  const stranger = strangerHash(Object.values(users));
  // Neither passwords are kept nor does looking one up take longer the more of it is right.
  const key = randomBytes(32);
  const remembered = new Set<string>();
  const underway = new Map<string, Promise<Verdict>>();
  const waiting = new Map<string, number>();
  let turn: Promise<unknown> = Promise.resolve();

  const check = async (authorization: string, digest: string): Promise<Verdict> => {
    const [user = '', ...rest] = Buffer.from(authorization.slice(6), 'base64').toString('utf8').split(':');
    const hash = Object.hasOwn(users, user) ? users[user] : undefined;
    const isRight = (await matches(rest.join(':'), hash ?? stranger)) && hash !== undefined;
    if (isRight && remembered.size < MAX_REMEMBERED) remembered.add(digest);
    return isRight ? 'known' : 'unknown';
  };

  return async (authorization, from) => {
    if (authorization === undefined || !/^basic /i.test(authorization)) return 'unknown';
    const digest = createHmac('sha256', key).update(authorization).digest('base64');
    if (remembered.has(digest)) return 'known';
    const same = underway.get(digest);
    if (same !== undefined) return same;
    const before = waiting.get(from) ?? 0;
    if (before >= MAX_WAITING.ofAddress || underway.size >= MAX_WAITING.ofAll) return 'busy';
    waiting.set(from, before + 1);
    const mine = turn.then(() => check(authorization, digest));
    turn = mine.catch(() => undefined);
    underway.set(digest, mine);
    try {
      return await mine;
    } finally {
      underway.delete(digest);
      const left = (waiting.get(from) ?? 1) - 1;
      if (left === 0) waiting.delete(from);
      else waiting.set(from, left);
    }
  };
};

/** Comparing against something as slow keeps the answer's time from telling which users exist. */
const strangerHash = (hashes: readonly string[]): string => {
  const slowest = Math.max(10, ...hashes.map((hash) => Number(hash.split('$')[2]) || 0));
  return `$2b$${String(slowest).padStart(2, '0')}$CwTycUXWue0Thq9StjUM0uJ8xqYhGWTkBQeFe8DkuRd6kYq0lQyWe`;
};
