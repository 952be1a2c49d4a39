import { setImmediate as pause } from 'node:timers/promises';
import { type Announcement, type LogLine, parseCsvRecord, parseJsonLine, type Phase } from './line';
import { cutRecords, firstStart, type Format, type LogRecord, mayBeGivenUp, startMidway } from './records';

/** What a stretch of the log says. */
export type Understood = {
  /** Bytes that need not be looked at again; `skipped` of them were not looked at. */
  readonly taken: number;
  readonly skipped: number;
  /** What comes next is within a record. */
  readonly midway: boolean;
  readonly lines: readonly (LogLine & { readonly at: number })[];
  readonly counts: { readonly irrelevant: number; readonly garbage: number };
};

export type StretchOf = {
  readonly format: Format;
  /** It may begin within a record. */
  readonly midway: boolean;
  /** Nothing comes after these bytes: a record that has no end will never have one. */
  readonly final: boolean;
  /** As much as is ever read at a time: what has no end in it never has one. */
  readonly full: boolean;
};

/** Records that are parsed before others get their turn. */
const AT_ONCE = 500;

/** A record of a csvlog that is longer is left out: one that was cut off would leave a quote open for good. */
const LONGEST_CSV_RECORD = 1024 * 1024;

export const understand = async (bytes: Buffer, { format, midway, final, full }: StretchOf): Promise<Understood> => {
  const start = midway ? startMidway(bytes, format) : 0;
  if (start === undefined) return withoutStart(bytes, format, final);
  const cut = cutRecords(bytes.subarray(start), format);
  const lines: (LogLine & { at: number })[] = [];
  const phases = new Map<number, Phase>();
  let irrelevant = 0;
  let { garbage } = cut;
  for (const [i, { at, text }] of cut.records.entries()) {
    const parsed = parseRecord(text, format);
    if (parsed === 'irrelevant') irrelevant += 1;
    else if (parsed === 'garbage') garbage += 1;
    else {
      const line = withPhase(parsed, phases);
      if (line === undefined) irrelevant += 1;
      else lines.push({ ...line, at: at + start });
    }
    if (i % AT_ONCE === AT_ONCE - 1) await pause();
  }
  const taken = start + cut.bytes;
  const rest = bytes.length - taken;
  const known = { lines, skipped: 0 };
  if (final) {
    const left = rest > 0 && !cut.midway ? 1 : 0;
    return { ...known, taken: bytes.length, midway: false, counts: { irrelevant, garbage: garbage + left } };
  }
  const counts = { irrelevant, garbage };
  const isEndless = taken === 0 && (full || (format === 'csvlog' && rest >= LONGEST_CSV_RECORD));
  if (!isEndless) return { ...known, taken, midway: cut.midway, counts };
  const next = firstStart(bytes, format);
  const skipped = next ?? mayBeGivenUp(bytes, format);
  return { ...known, taken: skipped, skipped, midway: next === undefined, counts };
};

/**
 * With the phase of a duration that comes without a text: what its session announced, or, where all durations are logged
 * (log_duration), did before it. A bind is followed by an execution.
 */
const withPhase = (parsed: LogLine | Announcement, phases: Map<number, Phase>): LogLine | undefined => {
  if (parsed.kind === 'announcement') {
    phases.set(parsed.pid, parsed.phase === 'execute' ? 'bind' : 'simple');
    return undefined;
  }
  if (parsed.kind !== 'duration') return parsed;
  const isStep = parsed.bare && parsed.phase === 'simple' && phases.get(parsed.pid) === 'bind';
  const line = isStep ? ({ ...parsed, phase: 'execute' } as const) : parsed;
  phases.set(parsed.pid, line.phase);
  return line;
};

const withoutStart = (bytes: Buffer, format: Format, final: boolean): Understood => ({
  taken: final ? bytes.length : mayBeGivenUp(bytes, format),
  ...{ skipped: 0, midway: !final, lines: [], counts: { irrelevant: 0, garbage: 0 } },
});

const parseRecord = (text: LogRecord['text'], format: Format) =>
  format === 'jsonlog' ? parseJsonLine(text) : parseCsvRecord(text);
