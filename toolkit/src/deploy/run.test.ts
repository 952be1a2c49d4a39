import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { finish, open, put, seen, type Small } from '../../test/deploy/small';
import { runBackPatiently, type Running } from './run';

const before: Small = { files: { 'one/changed.ini': 'a', 'one/new.crt': null }, settings: { pool: 20 } };
const after: Small = { files: { 'one/changed.ini': 'b', 'one/new.crt': 'c' }, settings: { pool: 200 } };

describe('what is taken back', () => {
  let root: string;
  beforeEach(async () => {
    root = mkdtempSync(join(tmpdir(), 'submilli-back-'));
    put(root, before);
    await finish(open(root, after));
  });
  afterEach(() => rmSync(root, { recursive: true }));

  /** Whose pool does not answer its first so many commands. */
  const deafFor = (commands: number): { readonly running: Running; readonly asked: () => number } => {
    const running = open(root, after);
    let asked = 0;
    return {
      asked: () => asked,
      running: {
        ...running,
        act: async (step, direction) => {
          if (step.kind === 'reload' && ++asked <= commands) throw new Error('pool: no answer within 3 s');
          return running.act(step, direction);
        },
      },
    };
  };

  it('is asked for again where somebody is not heard, and nothing else is done twice', async () => {
    const { running, asked } = deafFor(2);
    const said: string[] = [];
    const pauses: number[] = [];
    const left = await runBackPatiently(
      running,
      'it harmed',
      (text) => said.push(text),
      (ms) => Promise.resolve(pauses.push(ms)),
    );
    expect(left).toEqual([]);
    expect(asked()).toBe(3);
    expect(pauses).toEqual([3000, 3000]);
    expect(said).toEqual(Array(2).fill('Not taken back yet, and tried again: pool: no answer within 3 s'));
    expect(seen(root)).toMatchObject({ files: before.files, settings: before.settings });
    const { undone, begin } = running.journal.progress();
    expect(undone.size).toBe(begin.steps.length);
  });

  it('is named in the end where nobody answers at all', async () => {
    const { running, asked } = deafFor(Infinity);
    const left = await runBackPatiently(
      running,
      'it harmed',
      () => undefined,
      () => Promise.resolve(),
    );
    expect(left).toEqual(['pool: no answer within 3 s']);
    expect(asked()).toBe(5);
    // All the same, the rest is as it was.
    expect(seen(root)).toMatchObject({ files: before.files, settings: before.settings });
  });
});
