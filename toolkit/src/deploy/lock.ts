import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { hostname, userInfo } from 'node:os';
import { join } from 'node:path';
import { SubmilliError } from '@submilli/core';
import { z } from 'zod';
import { own, writeNew } from '../stack/durable';
import { processId } from '../stack/process-id';
import { isAlive, processWith } from '../stack/procs';

export const holder = z.object({
  process: processId,
  host: z.string(),
  user: z.string(),
  since: z.string(),
  /** What it does: "deploy apply". */
  what: z.string(),
});
export type Holder = z.output<typeof holder>;

export const ourselves = (what: string, now: Date): Holder => ({
  process: processWith(process.pid) ?? { pid: process.pid, startTime: '' },
  ...{ host: hostname(), user: userName(), since: now.toISOString(), what },
});

const userName = (): string => {
  try {
    return userInfo().username;
  } catch {
    return String(process.getuid?.() ?? '?'); // no entry for it
  }
};

export const sayHolder = ({ process: { pid }, host, user, since, what }: Holder): string =>
  `${what} of ${user} on ${host} (process ${pid}, since ${since})`;

export type Lock = { readonly release: () => void };

const NAME = /^lock\.(\d+)$/;
const numbersIn = (directory: string): number[] =>
  readdirSync(directory).flatMap((name) => {
    const number = NAME.exec(name)?.[1];
    return number === undefined ? [] : [Number(number)];
  });
const lastIn = (directory: string): number => Math.max(0, ...numbersIn(directory));

/**
 * Takes the lock of a directory, or throws a `SubmilliError` with who has it. One whose process is gone, by number and
 * start time, holds nothing.
 *
 * Locks are numbered and none is ever taken twice: the highest is the one that counts, and stays when it is let go. So of
 * two that both find a dead holder only one makes the next number, and one that slept meanwhile finds a higher one.
 */
export const takeLock = (directory: string, us: Holder): Lock => {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  for (;;) {
    const last = lastIn(directory);
    const held = readHolder(join(directory, `lock.${last}`));
    if (held !== undefined) throw taken(held, directory);
    const path = join(directory, `lock.${last + 1}`);
    if (!writeNew(path, own(`${JSON.stringify(us)}\n`))) continue;
    if (Math.max(...numbersIn(directory)) > last + 1) {
      rmSync(path, { force: true });
      continue;
    }
    for (const number of numbersIn(directory))
      if (number <= last) rmSync(join(directory, `lock.${number}`), { force: true });
    return { release: () => free(directory, last + 1) };
  }
};

/** Who deploys now; undefined if nobody does. */
export const lockHolder = (directory: string): Holder | undefined =>
  existsSync(directory) ? readHolder(join(directory, `lock.${lastIn(directory)}`)) : undefined;

/** The number stays taken, by nobody. */
const free = (directory: string, number: number): void => {
  writeNew(join(directory, `lock.${number + 1}`), own('\n'));
  rmSync(join(directory, `lock.${number}`), { force: true });
};

/** Who holds it and lives; undefined if nobody does. */
const readHolder = (path: string): Holder | undefined => {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
  const found = parseHolder(text);
  return found !== undefined && isAlive(found.process) ? found : undefined;
};

export const parseHolder = (text: string): Holder | undefined => {
  const parsed = holder.safeParse(safeJson(text));
  return parsed.success ? parsed.data : undefined;
};

const safeJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

const taken = (held: Holder, where: string): SubmilliError =>
  new SubmilliError({
    what: `another deploy is at work: ${sayHolder(held)}`,
    where,
    hint: 'Wait for it, or stop it with Ctrl-C: it then takes back what it did.',
  });
