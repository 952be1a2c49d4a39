import { isSameFile, refOf, type Backup } from './backup';
import { Conflict } from './conflict';
import type { Machine } from './machine';
import type { StepOf } from './step';

/** Puts a file as the step has it. One that is neither as it was nor as it will be is somebody else's: it is left. */
export const putFile = async (
  { path, before, after }: StepOf<'file'>,
  machine: Machine,
  backup: Backup,
): Promise<string | undefined> => {
  await machine.tidy(path);
  const there = (await machine.read([path])).get(path);
  const now = refOf(there?.file);
  if (isSameFile(now, after)) return 'as it is already';
  if (!isSameFile(now, before)) {
    throw new Conflict({
      what: 'somebody changed it since the plan was made',
      where: `${machine.name}:${path}`,
      hint: 'It is left as it is: compare it with what you wanted, then plan again.',
    });
  }
  const wanted = backup.load(after);
  await (wanted === undefined ? machine.remove(path) : machine.write(path, wanted));
  return undefined;
};
