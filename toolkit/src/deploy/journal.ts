import {
  closeSync,
  existsSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { SubmilliError } from '@submilli/core';
import { z } from 'zod';
import { type Between, syncFolder } from '../stack/durable';
import { holder } from './lock';
import { step } from './step';

const at = z.string();

/** What a deploy was to do, whole before the first act. */
const beginning = z.object({
  entry: z.literal('begin'),
  version: z.literal(1),
  at,
  id: z.string(),
  cluster: z.string(),
  /** `undo` is a deploy that takes back a finished one. */
  kind: z.enum(['apply', 'undo']),
  /** Of an `undo`: which. */
  of: z.string().nullable(),
  by: holder,
  steps: z.array(step),
  /** What we own of Patroni's dynamic configuration, so that the next deploy knows what to take away. */
  owned: z.array(z.array(z.string())),
  /** Errors of lint that were overridden. */
  forced: z.array(z.string()),
  /** What soak compares with. */
  before: z.object({ score: z.record(z.string(), z.number()).nullable(), health: z.unknown() }),
  /** Options of soak. */
  soak: z.object({ seconds: z.number(), drop: z.number(), patience: z.number() }),
});
export type Beginning = z.output<typeof beginning>;

export const outcomes = ['applied', 'rolled back'] as const;

const entry = z.discriminatedUnion('entry', [
  beginning,
  z.object({ entry: z.literal('doing'), at, step: z.number().int() }),
  z.object({ entry: z.literal('done'), at, step: z.number().int(), detail: z.string().nullable() }),
  /** From here on everything is taken back. */
  z.object({ entry: z.literal('turning back'), at, why: z.string() }),
  z.object({ entry: z.literal('undoing'), at, step: z.number().int() }),
  z.object({ entry: z.literal('undone'), at, step: z.number().int(), detail: z.string().nullable() }),
  /** What happened besides: a member was restarted, the score fell. */
  z.object({ entry: z.literal('note'), at, text: z.string() }),
  z.object({ entry: z.literal('end'), at, outcome: z.enum(outcomes), why: z.string().nullable() }),
]);
export type Entry = z.output<typeof entry>;
type Untimed<T> = T extends unknown ? Omit<T, 'at'> : never;
export type NewEntry = Untimed<Entry>;

const FILE = 'journal.jsonl';

/** How far a deploy got. */
export type Progress = {
  readonly begin: Beginning;
  readonly touched: ReadonlySet<number>;
  readonly done: ReadonlySet<number>;
  readonly undone: ReadonlySet<number>;
  /** Why it turned back; undefined while it goes forward. */
  readonly turned: string | undefined;
  readonly end: Extract<Entry, { entry: 'end' }> | undefined;
  readonly entries: readonly Entry[];
};

export const progressOf = (entries: readonly Entry[], where: string): Progress => {
  const [begin] = entries;
  if (begin?.entry !== 'begin') throw damaged(where, 'it does not begin with what was to be done');
  const of = (kind: 'doing' | 'done' | 'undone'): Set<number> =>
    new Set(entries.flatMap((one) => (one.entry === kind ? [one.step] : [])));
  return {
    ...{ begin, touched: of('doing'), done: of('done'), undone: of('undone') },
    turned: entries.find((one) => one.entry === 'turning back')?.why,
    end: entries.find((one) => one.entry === 'end'),
    entries,
  };
};

/** What a kill left of the last line is no entry: it says nothing that was acted on. */
const wholeLines = (text: string): { readonly lines: string[]; readonly bytes: number } => {
  const whole = text.slice(0, text.lastIndexOf('\n') + 1);
  return { lines: whole.split('\n').filter((line) => line !== ''), bytes: Buffer.byteLength(whole) };
};

const parse = (text: string, where: string): Entry[] =>
  wholeLines(text).lines.map((line, i) => {
    try {
      return entry.parse(JSON.parse(line));
    } catch (cause) {
      throw damaged(where, `line ${i + 1} is none of this version`, cause);
    }
  });

const damaged = (where: string, what: string, cause?: unknown): SubmilliError =>
  new SubmilliError({
    what: `the journal can't be read: ${what}`,
    where,
    hint: 'Look at it by hand: each line is an act, and blobs/ beside it has the files as they were.',
    cause,
  });

export type Journal = {
  readonly directory: string;
  /** On the disk when it returns. */
  readonly write: (one: NewEntry) => void;
  readonly progress: () => Progress;
  readonly close: () => void;
};

/** Appends to the journal of a deploy, after what is there. `between` is for who wants to see what is left by a kill. */
export const openJournal = (directory: string, now: () => Date, between: Between = () => undefined): Journal => {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const path = join(directory, FILE);
  const fd = openSync(path, 'a+', 0o600);
  const text = readFileSync(path, 'utf8');
  ftruncateSync(fd, wholeLines(text).bytes);
  fsyncSync(fd);
  syncFolder(directory);
  const entries = parse(text, path);
  return {
    directory,
    write: (one) => {
      const timed = entry.parse({ ...one, at: now().toISOString() });
      between();
      const line = Buffer.from(`${JSON.stringify(timed)}\n`);
      for (let from = 0; from < line.length;) from += writeSync(fd, line, from);
      fsyncSync(fd);
      entries.push(timed);
      between();
    },
    progress: () => progressOf(entries, path),
    close: () => closeSync(fd),
  };
};

export const deploysIn = (work: string): string => join(work, 'deploys');

/** Every deploy that has begun, the oldest first. One that was killed before it wrote down what to do did nothing. */
export const readDeploys = (work: string): Progress[] => {
  const root = deploysIn(work);
  if (!existsSync(root)) return [];
  return readdirSync(root)
    .sort()
    .flatMap((id) => {
      const path = join(root, id, FILE);
      if (!existsSync(path)) return [];
      const entries = parse(readFileSync(path, 'utf8'), path);
      return entries.length === 0 ? [] : [progressOf(entries, path)];
    });
};

export const unfinishedOf = (deploys: readonly Progress[]): Progress | undefined =>
  deploys.find(({ end }) => end === undefined);
