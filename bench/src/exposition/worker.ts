/** One writer in a process of its own, which does what it is told, one task at a time. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { type Kind, loadOf } from './load';
import { type Writer, type WriterName, writerOf } from './writers';

export type Task = {
  readonly kind: Kind;
  readonly lines: number;
  readonly ask: 'time' | 'memory' | 'text';
};

/** Null where the writer can't: see `Writer.fill`. */
export type Timing = { readonly wholeSeconds: number | null; readonly writeSeconds: number; readonly lines: number };
export type Memory = { readonly allocatedBytes: number; readonly heldBytes: number; readonly lines: number };
export type Answer = Timing | Memory | { readonly text: string };

/** Small loads are repeated, so that each measurement lasts some milliseconds at least. */
const LINES_PER_MEASUREMENT = 20_000;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;
const name = process.argv[2] as WriterName;

type Timed = { readonly writer: Writer; readonly lines: number };
const kept = new Map<string, Timed>();

const timedFor = async ({ kind, lines }: Task): Promise<Timed> => {
  const key = `${kind} ${lines}`;
  const known = kept.get(key);
  if (known !== undefined) return known;
  const writer = writerOf(name, loadOf(kind, lines));
  const timed = { writer, lines: linesIn(await writer.write()) };
  kept.set(key, timed);
  return timed;
};

const linesIn = (text: string): number =>
  text.split('\n').filter((line) => line !== '' && !line.startsWith('#')).length;

const whole = async ({ fill, finish }: Writer): Promise<string> => {
  fill?.();
  return finish();
};

const secondsOf = async (times: number, work: () => Promise<string>): Promise<number> => {
  collectGarbage();
  const started = performance.now();
  for (let i = 0; i < times; i += 1) Buffer.byteLength(await work()); // flat, as the socket wants it
  return (performance.now() - started) / 1000 / times;
};

const time = async (task: Task): Promise<Timing> => {
  const { writer, lines } = await timedFor(task);
  const times = Math.max(1, Math.round(LINES_PER_MEASUREMENT / task.lines));
  return {
    wholeSeconds: writer.fill === undefined ? null : await secondsOf(times, () => whole(writer)),
    writeSeconds: await secondsOf(times, () => writer.write()),
    lines,
  };
};

const heap = (): number => process.memoryUsage().heapUsed;

/** The young generation of this process is so large that nothing is collected while it is measured. */
const memory = async (task: Task): Promise<Memory> => {
  const load = loadOf(task.kind, task.lines);
  await whole(writerOf(name, load));
  collectGarbage();
  const before = heap();
  const writer = writerOf(name, load);
  collectGarbage();
  const heldBytes = heap() - before;
  await whole(writer);
  collectGarbage();
  const started = heap();
  const text = await whole(writer);
  Buffer.byteLength(text);
  return { allocatedBytes: heap() - started, heldBytes, lines: linesIn(text) };
};

const answer = async (task: Task): Promise<Answer> => {
  if (task.ask === 'time') return time(task);
  if (task.ask === 'memory') return memory(task);
  return { text: await whole(writerOf(name, loadOf(task.kind, task.lines))) };
};

process.on('message', (task: Task) => {
  answer(task).then(
    (found) => process.send?.(found),
    (error: unknown) => {
      process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
      process.exit(1);
    },
  );
});
