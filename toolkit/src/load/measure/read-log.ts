import { createReadStream } from 'node:fs';
import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type LogFormat, type LogLine, parseLogLine } from './log-line';
import { type Recorded, startRecorder } from './recorder';

export type LogReading = Recorded & {
  /** When the first transaction was due or sent, in seconds since the epoch. */
  readonly begunAt: number;
  /** Lines that are none, such as the last one of a pgbench that was killed. */
  readonly unread: number;
};

export type LogRequest = LogFormat & {
  readonly directory: string;
  readonly prefix: string;
  readonly scripts: number;
  readonly warmupSeconds: number;
  readonly seconds: number;
};

/** The logs of one pgbench: one file per thread. */
const filesOf = async (directory: string, prefix: string): Promise<string[]> =>
  (await readdir(directory))
    .filter((name) => name.startsWith(`${prefix}.`))
    .sort()
    .map((name) => join(directory, name));

/**
 * Reads the logs of a run, line by line, from its first transaction on; undefined if there was none. The warm-up is left
 * out, and so is what was only due or sent after the time was over.
 */
export const readLog = async (request: LogRequest): Promise<LogReading | undefined> => {
  const files = await filesOf(request.directory, request.prefix);
  const firsts = await Promise.all(files.map((file) => firstLine(file, request)));
  const begins = firsts.flatMap((line) => (line === undefined ? [] : [line.endedAt - line.seconds]));
  if (begins.length === 0) return undefined;
  const begunAt = Math.min(...begins);
  const from = begunAt + request.warmupSeconds;
  const recorder = startRecorder({ from, to: from + request.seconds }, request.scripts);
  let unread = 0;
  for (const file of files) {
    for await (const text of linesOf(file)) {
      const line = parseLogLine(text, request);
      if (line === undefined) unread += 1;
      else recorder.add(line);
    }
  }
  return { ...recorder.end(), begunAt, unread };
};

/** A line is far shorter. */
const LINE_BYTES = 256;

const firstLine = async (file: string, format: LogFormat): Promise<LogLine | undefined> => {
  const handle = await open(file, 'r');
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(LINE_BYTES), 0, LINE_BYTES, 0);
    const [text = '', ...more] = buffer.toString('utf8', 0, bytesRead).split('\n');
    return more.length === 0 ? undefined : parseLogLine(text, format);
  } finally {
    await handle.close();
  }
};

const linesOf = (file: string): AsyncIterable<string> =>
  createInterface({ input: createReadStream(file, { encoding: 'utf8' }), crlfDelay: Infinity });
