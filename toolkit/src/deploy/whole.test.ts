import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { openBackup, refOf } from './backup';
import { type FileState, own } from '../stack/durable';
import { localMachine } from './machines/local';
import { type Beginning, openJournal } from './journal';
import { ourselves } from './lock';
import { planOf } from './plan';
import { putFile } from './put-file';
import { runBack, runForward, type Running } from './run';
import type { Live } from './live';

let root = '';
beforeEach(() => (root = mkdtempSync(join(tmpdir(), 'submilli-whole-'))));
afterEach(() => rmSync(root, { recursive: true }));

describe('a file on this machine', () => {
  const machine = localMachine('here');

  it('is replaced with its mode and owner, and nothing is left beside it', async () => {
    const path = join(root, 'pgbouncer.ini');
    await machine.write(path, own('one\n', 0o640));
    await machine.write(path, own('two\n', 0o440));
    expect(readFileSync(path, 'utf8')).toBe('two\n');
    expect(statSync(path).mode & 0o7777).toBe(0o440);
    expect(readdirSync(root)).toEqual(['pgbouncer.ini']);
  });

  it('stays where a link leads to it', async () => {
    mkdirSync(join(root, 'real'));
    writeFileSync(join(root, 'real', 'patroni.yml'), 'old');
    symlinkSync(join(root, 'real', 'patroni.yml'), join(root, 'patroni.yml'));
    await machine.write(join(root, 'patroni.yml'), own('new'));
    expect(lstatSync(join(root, 'patroni.yml')).isSymbolicLink()).toBe(true);
    expect(readFileSync(join(root, 'real', 'patroni.yml'), 'utf8')).toBe('new');
  });

  it('that can’t be written is named, with what would help', async () => {
    await expect(machine.write(join(root, 'no', 'such', 'folder'), own('x'))).rejects.toThrow(join(root, 'no'));
  });

  it('is told from none, and none from one without a folder', async () => {
    writeFileSync(join(root, 'a'), 'x');
    chmodSync(join(root, 'a'), 0o600);
    const paths = ['a', 'b', 'c/d'].map((name) => join(root, name));
    const found = await machine.read(paths);
    expect(paths.map((path) => found.get(path))).toMatchObject([
      { file: { content: Buffer.from('x'), mode: 0o600 } },
      { file: undefined, folder: { uid: process.getuid?.() } },
      { file: undefined, folder: undefined },
    ]);
  });

  it('is not touched when somebody changed it since the plan was made', async () => {
    const backup = openBackup(join(root, 'blobs'));
    const path = join(root, 'f');
    const step = {
      ...({ kind: 'file', machine: 'here', path } as const),
      ...{ before: backup.keep(own('old')), after: backup.keep(own('new')) },
    };
    writeFileSync(path, 'mine', { mode: 0o600 });
    await expect(putFile(step, machine, backup)).rejects.toThrow('somebody changed it');
    expect(readFileSync(path, 'utf8')).toBe('mine');
  });
});

describe('what is kept of a file', () => {
  it('is given out as it was, or not at all', () => {
    const backup = openBackup(join(root, 'blobs'));
    const file: FileState = { content: Buffer.from([0, 1, 255]), mode: 0o640, uid: 12, gid: 13 };
    const ref = backup.keep(file);
    expect(backup.load(ref)).toEqual(file);
    expect(backup.load(backup.keep(undefined))).toBeUndefined();
    writeFileSync(join(root, 'blobs', ref?.sha256 ?? ''), 'another');
    expect(() => backup.load(ref)).toThrow('the kept copy is not what it was');
  });
});

describe('a plan that is applied and taken back', () => {
  const NAMES = ['a.ini', 'b.yml', 'c.crt', 'd'];
  const file = fc.record({ text: fc.string(), mode: fc.constantFrom(0o600, 0o640, 0o644) });
  const states = fc.dictionary(fc.constantFrom(...NAMES), file);

  const put = (folder: string, files: Record<string, { text: string; mode: number }>): void => {
    mkdirSync(folder, { recursive: true });
    for (const [name, { text, mode }] of Object.entries(files)) {
      writeFileSync(join(folder, name), text);
      chmodSync(join(folder, name), mode);
    }
  };
  const seen = (folder: string): object =>
    Object.fromEntries(
      readdirSync(folder).map((name) => {
        const { mode, uid, gid } = statSync(join(folder, name));
        return [name, { text: readFileSync(join(folder, name), 'utf8'), mode, uid, gid }];
      }),
    );
  const nothing: Omit<Live, 'files'> = {
    ...{ dcs: {}, settings: new Map(), pools: new Map(), leader: 'pg1', members: ['pg1'], pending: [] },
  };
  const beginning = (steps: Beginning['steps']): Omit<Beginning, 'at'> => ({
    ...{ entry: 'begin', version: 1, id: 'a', cluster: 'main', kind: 'apply', of: null, steps },
    by: ourselves('test', new Date(0)),
    ...{ owned: [], forced: [], before: { score: null, health: null }, soak: { seconds: 0, drop: 0, patience: 0 } },
  });

  it('is first what was wanted, then what was there, to the last bit', async () => {
    let n = 0;
    await fc.assert(
      fc.asyncProperty(states, states, async (before, wanted) => {
        const folder = join(root, String((n += 1)));
        put(folder, before);
        const was = seen(folder);
        const machine = localMachine('here');
        const files = Object.entries(wanted).map(([name, { text, mode }]) => ({
          ...{ machine: 'here', path: join(folder, name), content: Buffer.from(text), mode },
          part: { of: undefined, note: undefined },
          ...{ secret: false, once: false },
        }));
        const found = await machine.read(files.map(({ path }) => path));
        const live = { ...nothing, files: new Map([...found].map(([path, one]) => [`here:${path}`, one])) };
        const plan = planOf({ cluster: 'main', dcs: {}, files, whys: new Map() }, live, []);
        const backup = openBackup(join(root, `${n}-blobs`));
        for (const change of plan.files) expect(refOf(change.before)).toEqual(backup.keep(change.before));
        for (const change of plan.files) backup.keep(change.after);
        const journal = openJournal(join(root, `${n}-journal`), () => new Date(0));
        journal.write(beginning([...plan.steps]));
        const running: Running = {
          ...{ journal, onStep: () => undefined, onDone: () => undefined },
          act: (step) => (step.kind === 'file' ? putFile(step, machine, backup) : Promise.resolve(undefined)),
        };
        await runForward(running, new AbortController().signal);
        const texts = (state: object) =>
          Object.entries(state).map(([name, { text }]: [string, { text: string }]) => [name, text]);
        expect(texts(seen(folder)).sort()).toEqual(texts({ ...before, ...wanted }).sort());
        expect(await runBack(running, 'as asked')).toEqual([]);
        expect(seen(folder)).toEqual(was);
        journal.close();
      }),
      { numRuns: 40 },
    );
  });
});
