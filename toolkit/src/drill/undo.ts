import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { SubmilliError } from '@submilli/core';
import { z } from 'zod';
import { writeFile } from '../stack/files';
import { isAlive, processWith, type ProcessId } from '../stack/procs';

const processId = z.object({ pid: z.number().int().positive(), startTime: z.string() });

/** One thing to take back, as data: whoever finds it after the drill's own end can do it. Doing it twice is harmless. */
export const undoStep = z.discriminatedUnion('kind', [
  /** Let stopped processes go on. */
  z.object({ kind: z.literal('continue'), processes: z.array(processId) }),
  /** Start services that the drill ended; together, since one may need another to get ready. */
  z.object({ kind: z.literal('start'), services: z.array(z.string()) }),
  /** Give keys of Patroni's configuration the values they had; null removes one. */
  z.object({ kind: z.literal('configuration'), patch: z.record(z.string(), z.unknown()) }),
  /** Let the pool's clients go on. */
  z.object({ kind: z.literal('resume-pool') }),
  z.object({ kind: z.literal('drop-table') }),
  /** Put a host back on the network. */
  z.object({ kind: z.literal('rejoin'), host: z.string() }),
  /** Remove what fills a host's disk. */
  z.object({ kind: z.literal('free-disk'), host: z.string() }),
  /** Run the command that mends what another has broken. */
  z.object({ kind: z.literal('command'), command: z.string() }),
]);
export type UndoStep = z.output<typeof undoStep>;

const undoFile = z.object({ version: z.literal(1), drill: processId, steps: z.array(undoStep) });
type UndoFile = z.output<typeof undoFile>;

const pathIn = (directory: string): string => join(directory, 'undo.json');

const read = (directory: string): UndoFile | undefined => {
  let text: string;
  try {
    text = readFileSync(pathIn(directory), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  try {
    return undoFile.parse(JSON.parse(text));
  } catch (cause) {
    const hint = 'See by hand that all services run, then remove it.';
    throw new SubmilliError({ what: 'not an undo file of this version', where: pathIn(directory), hint, cause });
  }
};

/** What an earlier drill has left to do; undefined when it left nothing. */
export const leftToUndo = (
  directory: string,
): { readonly drill: ProcessId; readonly steps: readonly UndoStep[] } | undefined => read(directory);

/** What this drill would have to take back, on the disk before it is done. */
export type UndoJournal = {
  /** Writes the step down; call before the act. */
  readonly push: (step: UndoStep) => void;
  /** It is undone. */
  readonly drop: (step: UndoStep) => void;
  /** The last first. */
  readonly steps: () => readonly UndoStep[];
  readonly close: () => void;
};

/** Throws a `SubmilliError` while another drill runs, or while one that was cut off has left something. */
export const openUndoJournal = (directory: string): UndoJournal => {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const left = read(directory);
  if (left !== undefined) {
    throw isAlive(left.drill)
      ? new SubmilliError({ what: `another drill is running (process ${left.drill.pid})`, where: directory })
      : new SubmilliError({
          what: 'a drill was cut off here and has left something to restore',
          where: directory,
          hint: 'Do it with: npx submilli drill restore',
        });
  }
  const drill = processWith(process.pid) ?? { pid: process.pid, startTime: '' };
  let steps: readonly UndoStep[] = [];
  const keep = (next: readonly UndoStep[]): void => {
    steps = next;
    writeFile(pathIn(directory), `${JSON.stringify({ version: 1, drill, steps })}\n`, undefined);
  };
  keep([]);
  return {
    push: (step) => keep([...steps, step]),
    drop: (step) => keep(steps.filter((other) => other !== step)),
    steps: () => steps.toReversed(),
    close: () => removeUndo(directory),
  };
};

export const removeUndo = (directory: string): void => rmSync(pathIn(directory), { force: true });
