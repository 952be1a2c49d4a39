import type { Watcher } from '../watchers';
import type { Ledger, Spent } from './ledger';
import { residentMb, runSeconds } from './processes';
import { shuffled } from '../random';

/** One exporter in one configuration on one target. */
export type Subject = {
  /** Names the program, as "postgres_exporter 0.11.1". */
  readonly who: string;
  readonly reads: Reads;
  /** What is watched, as "1,000 tables". */
  readonly on: string;
  readonly watcher: Watcher;
  readonly role: string;
  readonly ledger: Ledger;
};

/** `defaults`: as it comes. `same`: both sides read the same. `statements`, `all`: see subjects.ts. */
export type Reads = 'defaults' | 'same' | 'statements' | 'all';

/** One scrape. Seconds of the exporter and of the database are those during it. */
export type Scrape = {
  readonly wall: number;
  readonly cpu: number;
  readonly database: number;
  readonly series: number;
  readonly bytes: number;
};

/** From one scrape's turn to the next: everything, also what was done in between. */
export type Cycle = {
  readonly cpu: number;
  readonly database: number;
  /** Not a number if there were sessions that nobody saw: their time is not known. */
  readonly sessions: number;
  readonly connections: number;
};

export type Measured = Subject & {
  readonly scrapes: readonly Scrape[];
  readonly cycles: readonly Cycle[];
  /** The highest that was seen after a scrape. */
  readonly memoryMb: number;
  /** The first text that it answered, before the first cycle. */
  readonly firstText: string;
};

export type CyclesOptions = {
  readonly subjects: readonly Subject[];
  readonly cycles: number;
  readonly intervalMs: number;
  readonly random: () => number;
  readonly say: (text: string) => void;
};

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, Math.max(0, ms)));

/** Series as Prometheus counts them; what either side says about its own process is left out. */
export const seriesIn = (text: string): number =>
  text.split('\n').filter((line) => line !== '' && !/^(#|process_|nodejs_|go_|promhttp_|python_)/.test(line)).length;

export const scrapeText = async ({ urls, name }: Watcher): Promise<string> => {
  let all = '';
  for (const url of urls) {
    const answer = await fetch(url);
    all += await answer.text();
    if (!answer.ok) throw new Error(`${name} answers ${answer.status}: ${all.slice(0, 300)}`);
  }
  return all;
};

type Account = { readonly cpu: number; readonly spent: Spent };

const nothing: Spent = { statements: 0, sessions: 0, seen: 0, connections: 0 };

const accountOf = async ({ watcher, ledger, role }: Subject): Promise<Account> => ({
  cpu: runSeconds(watcher.pid) ?? NaN,
  spent: (await ledger.read()).get(role) ?? nothing,
});

/** Every ledger is read once, however many subjects are in it. */
const accountsOf = async (subjects: readonly Subject[]): Promise<Account[]> => {
  const ledgers = [...new Set(subjects.map(({ ledger }) => ledger))];
  const read = new Map(await Promise.all(ledgers.map(async (ledger) => [ledger, await ledger.read()] as const)));
  return subjects.map(({ watcher, ledger, role }) => ({
    cpu: runSeconds(watcher.pid) ?? NaN,
    spent: read.get(ledger)?.get(role) ?? nothing,
  }));
};

const between = (before: Account, after: Account): Cycle => {
  const grown = (key: keyof Spent): number => after.spent[key] - before.spent[key];
  return {
    cpu: after.cpu - before.cpu,
    database: grown('statements'),
    sessions: grown('connections') > grown('seen') ? NaN : grown('sessions'),
    connections: grown('connections'),
  };
};

const scrapeOnce = async (subject: Subject): Promise<Scrape> => {
  const before = await accountOf(subject);
  const started = performance.now();
  const text = await scrapeText(subject.watcher);
  const wall = (performance.now() - started) / 1000;
  const { cpu, database } = between(before, await accountOf(subject));
  return { cpu, database, wall, series: seriesIn(text), bytes: Buffer.byteLength(text) };
};

/**
 * Every subject is scraped once in each cycle, in an order drawn anew, one after the other, so that none is measured
 * while another is scraped. What each does by itself between scrapes goes on all the time.
 */
export const runCycles = async (options: CyclesOptions): Promise<readonly Measured[]> => {
  const { subjects, cycles, intervalMs, random, say } = options;
  const firstTexts = new Map<Subject, string>();
  for (const subject of subjects) firstTexts.set(subject, await scrapeText(subject.watcher));
  const scrapes = new Map<Subject, Scrape[]>(subjects.map((subject) => [subject, []]));
  const totals = new Map<Subject, Cycle[]>(subjects.map((subject) => [subject, []]));
  const memory = new Map<Subject, number>();
  let before = await accountsOf(subjects);
  for (let cycle = 0; cycle < cycles; cycle += 1) {
    const end = performance.now() + intervalMs;
    for (const subject of shuffled(subjects, random)) {
      scrapes.get(subject)?.push(await scrapeOnce(subject));
      memory.set(subject, Math.max(memory.get(subject) ?? 0, residentMb(subject.watcher.pid) ?? NaN));
    }
    const late = performance.now() - end;
    if (late > 0) say(`cycle ${cycle + 1} took ${Math.round(late)} ms more than its ${intervalMs} ms`);
    await sleep(-late);
    const after = await accountsOf(subjects);
    subjects.forEach((subject, i) => {
      const [from, to] = [before[i], after[i]];
      if (from !== undefined && to !== undefined) totals.get(subject)?.push(between(from, to));
    });
    before = after;
    say(`cycle ${cycle + 1} of ${cycles}`);
  }
  return subjects.map((subject) => ({
    ...subject,
    scrapes: scrapes.get(subject) ?? [],
    cycles: totals.get(subject) ?? [],
    memoryMb: memory.get(subject) ?? NaN,
    firstText: firstTexts.get(subject) ?? '',
  }));
};

/**
 * What a watcher of a PgBouncer makes it do between scrapes, in seconds of its processor per second: all others are
 * frozen meanwhile, and what it does when nobody watches is taken off.
 */
export const runAlone = async (
  subjects: readonly Subject[],
  seconds: number,
): Promise<ReadonlyMap<Subject, number>> => {
  const spentIn = async (subject: Subject | undefined): Promise<number> => {
    const [{ ledger, role }] = subjects as [Subject];
    for (const other of subjects) if (other !== subject) other.watcher.pause();
    const read = async (): Promise<number> => (await ledger.read()).get(role)?.statements ?? NaN;
    const before = await read();
    await sleep(seconds * 1000);
    const spent = (await read()) - before;
    for (const other of subjects) other.watcher.resume();
    return spent / seconds;
  };
  const unwatched = await spentIn(undefined);
  const found = new Map<Subject, number>();
  for (const subject of subjects) found.set(subject, Math.max(0, (await spentIn(subject)) - unwatched));
  return found;
};
