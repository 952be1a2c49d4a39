import { spawn } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { finish, open, put, seen, type Small, takeBack } from '../../test/deploy/small';

const helpers = join(__dirname, '..', '..', 'test', 'deploy');
/** In memory, if that can be had: of a killed process the kernel keeps all it wrote, and a disk would make it wait for nothing. */
const somewhere = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();
const before: Small = {
  files: {
    ...{ 'one/changed.ini': 'pool_mode = session\n', 'one/new.crt': null },
    ...{ 'two/gone.conf': 'was here\n', 'two/same.yml': 'stays: true\n' },
  },
  settings: { ttl: 30 },
};
const after: Small = {
  files: {
    ...{ 'one/changed.ini': 'pool_mode = transaction\n', 'one/new.crt': 'certificate\n' },
    ...{ 'two/gone.conf': null, 'two/same.yml': 'stays: true\n' },
  },
  settings: { ttl: 20 },
};

/** Runs a deploy in a process that kills itself at a point. False when it came to its end before that. */
const killed = async (root: string, at: number, direction: 'forward' | 'back'): Promise<boolean> => {
  const args = [join(helpers, 'victim.ts'), root, JSON.stringify(after), String(at), direction];
  const child = spawn(process.execPath, ['-r', join(helpers, 'load-ts.js'), ...args]);
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
  const [status, signal] = await new Promise<[number | null, string | null]>((resolve) =>
    child.on('close', (...end) => resolve(end)),
  );
  expect({ at, status, errors }).toEqual({ at, status: signal === null ? 0 : null, errors: '' });
  return signal === 'SIGKILL';
};

/** The same in another folder; the journal names its files by their paths. */
const copyOf = (root: string, copy: string): string => {
  cpSync(root, copy, { recursive: true });
  const journal = join(copy, 'work', 'journal.jsonl');
  if (existsSync(journal)) writeFileSync(journal, readFileSync(journal, 'utf8').replaceAll(root, copy));
  return copy;
};

/** Each file is as it was or as it will be, and none is half of either. */
const isWhole = (root: string): boolean =>
  Object.entries(seen(root).files).every(([name, text]) => [before.files[name], after.files[name]].includes(text));

/** Goes through the points, some at once, until one comes to its end alive. Resolves with how many there are. */
const atEveryPoint = async (look: (at: number) => Promise<boolean>): Promise<number> => {
  for (let first = 1; ; first += 4) {
    const goOn = await Promise.all([0, 1, 2, 3].map((i) => look(first + i)));
    const end = goOn.indexOf(false);
    if (end >= 0) return first + end - 1;
  }
};

describe('a deploy that is killed', () => {
  let folder = '';
  beforeEach(() => (folder = mkdtempSync(join(somewhere, 'submilli-killed-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  it('at any point, leaves whole files, can be finished, and can be taken back without a trace', async () => {
    const points = await atEveryPoint(async (at) => {
      const root = join(folder, `forward-${at}`);
      put(root, before);
      const wasKilled = await killed(root, at, 'forward');
      expect({ at, whole: isWhole(root) }).toEqual({ at, whole: true });
      const copy = copyOf(root, join(folder, `copy-${at}`));
      if (wasKilled) await finish(open(root, after));
      expect({ at, ...seen(root) }).toEqual({ at, ...after });
      expect({ at, left: await takeBack(open(copy, after)) }).toEqual({ at, left: [] });
      expect({ at, ...seen(copy) }).toEqual({ at, ...before });
      return wasKilled;
    });
    expect(points).toBeGreaterThan(20);
  }, 240_000);

  it('while it takes itself back, can be taken back by the next', async () => {
    const half = join(folder, 'half');
    put(half, before);
    expect(await killed(half, 25, 'forward')).toBe(true);
    const points = await atEveryPoint(async (at) => {
      const root = copyOf(half, join(folder, `back-${at}`));
      const wasKilled = await killed(root, at, 'back');
      expect({ at, whole: isWhole(root) }).toEqual({ at, whole: true });
      expect({ at, left: await takeBack(open(root, after)) }).toEqual({ at, left: [] });
      expect({ at, ...seen(root) }).toEqual({ at, ...before });
      return wasKilled;
    });
    expect(points).toBeGreaterThan(10);
  }, 240_000);
});
