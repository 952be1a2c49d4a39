import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { messageOf, SubmilliError } from '@submilli/core';
import type { Act, Finding } from '../finding';
import type { Past } from '../judge/judge';

/** What becomes of an act. */
export type Outcome =
  | { readonly result: 'done'; readonly detail: string }
  /** What it was about was gone, or had changed, when it was its turn. */
  | { readonly result: 'moot'; readonly detail: string }
  | { readonly result: 'failed'; readonly detail: string };

/** One line of the log: what is about to be done, on what evidence; then what became of it. */
export type AuditRecord = {
  readonly at: string;
  /** Of the process, so that two lines belong together. */
  readonly doctor: number;
  readonly phase: 'intent' | 'outcome';
  readonly act: Act;
  readonly finding: Pick<Finding, 'id' | 'rule' | 'severity' | 'where' | 'title' | 'evidence'>;
  readonly outcome?: Outcome;
};

export type Audit = {
  readonly path: string;
  /** Read from it before it is written to. */
  readonly past: readonly Past[];
  /** Returns when it is on the disk. Throws when it can't be: then nothing is done. */
  readonly write: (record: AuditRecord) => void;
  readonly close: () => void;
};

/** A file of JSON lines, only ever appended to. Who heals opens it first: what can't be written down is not done. */
export const openAudit = (path: string, since: number): Audit => {
  const explained = <T>(work: () => T): T => {
    try {
      return work();
    } catch (cause) {
      throw new SubmilliError({
        what: `the audit log can't be written: ${messageOf(cause)}`,
        where: path,
        hint: 'Nothing is healed without it: name another place with --audit.',
        cause,
      });
    }
  };
  const file = explained(() => {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    return openSync(path, 'a', 0o600);
  });
  const past = explained(() => pastIn(path, since));
  return {
    ...{ path, past },
    write: (record) =>
      explained(() => {
        writeSync(file, `${JSON.stringify(record)}\n`);
        fsyncSync(file);
      }),
    close: () => closeSync(file),
  };
};

/**
 * What this log says was done since a moment, so that a doctor that is started again has no new budget. An act of which
 * the outcome is missing counts as done: who wrote it was killed, and nobody knows.
 */
export const pastIn = (path: string, since: number): readonly Past[] => {
  if (!existsSync(path)) return [];
  const records = readFileSync(path, 'utf8').split('\n').flatMap(recordOf);
  const keyOf = ({ doctor, finding, act }: AuditRecord): string => `${doctor} ${act.kind} ${finding.id}`;
  const past = new Map<string, Past>();
  for (const record of records) {
    if (record.outcome?.result === 'moot') past.delete(keyOf(record));
    else past.set(keyOf(record), { at: Date.parse(record.at), id: record.finding.id });
  }
  return [...past.values()].filter(({ at }) => at > since);
};

/** A line that was cut off by a crash is no record. */
const recordOf = (line: string): AuditRecord[] => {
  try {
    return [JSON.parse(line) as AuditRecord];
  } catch {
    return [];
  }
};
