import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openBackup } from '../../src/deploy/backup';
import { openJournal } from '../../src/deploy/journal';
import { ourselves } from '../../src/deploy/lock';
import { localMachine } from '../../src/deploy/machines/local';
import { putFile } from '../../src/deploy/put-file';
import { runBack, runForward, type Running } from '../../src/deploy/run';
import type { Step } from '../../src/deploy/step';
import { type Between, own, writeWhole } from '../../src/stack/durable';

/** A deploy in a folder of its own: files of two machines, and settings in a store that takes them whole, as etcd does. */

export type Small = { readonly files: Readonly<Record<string, string | null>>; readonly settings: object };

const NAMES = ['one/changed.ini', 'one/new.crt', 'two/gone.conf', 'two/same.yml'];
const storeOf = (root: string): string => join(root, 'settings.json');

export const put = (root: string, { files, settings }: Small): void => {
  for (const folder of ['one', 'two']) mkdirSync(join(root, folder), { recursive: true });
  for (const [name, text] of Object.entries(files)) {
    if (text !== null) writeFileSync(join(root, name), text, { mode: 0o640 });
  }
  writeFileSync(storeOf(root), JSON.stringify(settings));
};

export const seen = (root: string): Small => ({
  files: Object.fromEntries(
    NAMES.map((name) => [name, existsSync(join(root, name)) ? readFileSync(join(root, name), 'utf8') : null]),
  ),
  settings: JSON.parse(readFileSync(storeOf(root), 'utf8')) as object,
});

const hasBegun = (root: string): boolean => {
  const path = join(root, 'work', 'journal.jsonl');
  return existsSync(path) && readFileSync(path, 'utf8').includes('\n');
};

/** Opens the journal of the one deploy there, and begins it if it has not. */
export const open = (root: string, to: Small, between: Between = () => undefined): Running => {
  mkdirSync(join(root, 'work'), { recursive: true });
  const backup = openBackup(join(root, 'work', 'blobs'));
  const begun = hasBegun(root);
  const journal = openJournal(join(root, 'work'), () => new Date(0), between);
  const from = seen(root);
  const names = Object.keys(to.files).filter((name) => from.files[name] !== to.files[name]);
  const fileOf = (text: string | null | undefined) => (typeof text !== 'string' ? undefined : own(text, 0o640));
  if (!begun) {
    const steps = names.map((name): Step => ({
      ...{ kind: 'file', machine: name.slice(0, 3), path: join(root, name) },
      ...{ before: backup.keep(fileOf(from.files[name])), after: backup.keep(fileOf(to.files[name])) },
    }));
    journal.write({
      ...{ entry: 'begin', version: 1, id: 'small', cluster: 'small', kind: 'apply', of: null },
      by: ourselves('test', new Date(0)),
      steps: [
        ...steps,
        { kind: 'settings', changes: [{ path: [], before: from.settings, after: to.settings }] },
        { kind: 'reload', service: { kind: 'pool', name: 'pool' }, shrinks: false, shrinksBack: false },
      ],
      ...{ owned: [], forced: [], before: { score: null, health: null } },
      soak: { seconds: 0, drop: 0, patience: 0 },
    });
  }
  const machine = localMachine('here', between);
  return {
    journal,
    act: async (step) => {
      if (step.kind === 'file') return putFile(step, machine, backup);
      if (step.kind === 'settings') writeWhole(storeOf(root), own(JSON.stringify(step.changes[0]?.after)), between);
      else between();
      return undefined;
    },
    onStep: () => undefined,
    onDone: () => undefined,
  };
};

export const finish = async (running: Running): Promise<void> => {
  await runForward(running, new AbortController().signal);
  running.journal.write({ entry: 'end', outcome: 'applied', why: null });
};

export const takeBack = async (running: Running): Promise<string[]> => {
  const left = await runBack(running, 'as asked');
  if (left.length === 0) running.journal.write({ entry: 'end', outcome: 'rolled back', why: 'as asked' });
  return left;
};
