/** Series per second, ours against prom-client's: a part of `npm run bench`. */
import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import { type Part, runPart, say } from '../part';
import { shuffled } from '../random';
import { contentOf, differenceOf } from './content';
import { type Kind, kinds } from './load';
import { partOf, type Remembered, type Timed } from './report';
import type { Answer, Memory, Task, Timing } from './worker';
import { type WriterName, writerNames } from './writers';

type Worker = {
  readonly ask: <A extends Answer>(task: Task) => Promise<A>;
  readonly stop: () => void;
};

/** MB: more than anything measured here allocates. */
const NOTHING_COLLECTED = ['--min-semi-space-size=256', '--max-semi-space-size=256'];
const MEMORY_LINES = 10_000;

const startWorker = (name: WriterName, execArgv: readonly string[] = []): Worker => {
  const child: ChildProcess = fork(join(__dirname, 'worker.js'), [name], { execArgv: [...execArgv] });
  return {
    ask: <A extends Answer>(task: Task) =>
      new Promise<A>((resolve, reject) => {
        const ended = (): void => reject(new Error(`the process that writes as ${name} ended`));
        child.once('exit', ended);
        child.once('message', (found) => {
          child.off('exit', ended);
          resolve(found as A);
        });
        child.send(task);
      }),
    stop: () => void child.kill(),
  };
};

type Workers = Readonly<Record<WriterName, Worker>>;

const withWorkers = async <T>(execArgv: readonly string[], work: (workers: Workers) => Promise<T>): Promise<T> => {
  const workers = { submilli: startWorker('submilli', execArgv), 'prom-client': startWorker('prom-client', execArgv) };
  try {
    return await work(workers);
  } finally {
    for (const worker of Object.values(workers)) worker.stop();
  }
};

const checkSame = async (workers: Workers): Promise<void> => {
  for (const kind of kinds) {
    const task: Task = { kind, lines: MEMORY_LINES, ask: 'text' };
    const [ours, theirs] = await Promise.all([
      workers.submilli.ask<{ text: string }>(task),
      workers['prom-client'].ask<{ text: string }>(task),
    ]);
    const difference = differenceOf(contentOf(ours.text), contentOf(theirs.text));
    if (difference !== undefined) throw new Error(`the two writers do not say the same of ${kind}s: ${difference}`);
  }
};

type Slot = { readonly writer: WriterName; readonly kind: Kind; readonly asked: number };

const timeAll = async (workers: Workers, sizes: readonly number[], rounds: number): Promise<Timed[]> => {
  const slots: Slot[] = writerNames.flatMap((writer) =>
    kinds.flatMap((kind) => sizes.map((asked) => ({ writer, kind, asked }))),
  );
  const found = new Map<Slot, Timing[]>(slots.map((slot) => [slot, []]));
  for (let round = 0; round <= rounds; round += 1) {
    say(round === 0 ? 'warming up' : `round ${String(round)} of ${String(rounds)}`);
    for (const slot of shuffled(slots, Math.random)) {
      const timing = await workers[slot.writer].ask<Timing>({ kind: slot.kind, lines: slot.asked, ask: 'time' });
      if (round > 0) found.get(slot)?.push(timing);
    }
  }
  return [...found].map(([slot, timings]) => ({
    ...slot,
    lines: timings[0]?.lines ?? 0,
    wholeSeconds: timings.flatMap(({ wholeSeconds }) => wholeSeconds ?? []),
    writeSeconds: timings.map(({ writeSeconds }) => writeSeconds),
  }));
};

const rememberAll = async (workers: Workers): Promise<Remembered[]> => {
  const found: Remembered[] = [];
  for (const writer of writerNames) {
    for (const kind of kinds) {
      const memory = await workers[writer].ask<Memory>({ kind, lines: MEMORY_LINES, ask: 'memory' });
      found.push({ writer, kind, ...memory });
    }
  }
  return found;
};

const measure = async (quick: boolean): Promise<Part> => {
  const rounds = quick ? 1 : 3;
  const sizes = quick ? [1_000, 10_000] : [1_000, 10_000, 100_000];
  const timed = await withWorkers([], async (workers) => {
    await checkSame(workers);
    return timeAll(workers, sizes, rounds);
  });
  say('memory');
  const remembered = await withWorkers(NOTHING_COLLECTED, rememberAll);
  return partOf({ timed, remembered, rounds });
};

runPart(measure).catch((error: unknown) => {
  say(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
});
