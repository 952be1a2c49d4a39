import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { moveIntoPlace, withLock } from './lock';

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'submilli-lock-'))));
afterEach(() => rmSync(folder, { recursive: true }));

describe('a lock file', () => {
  it('lets one piece of work run at a time, and is gone afterwards', async () => {
    const path = join(folder, 'lock');
    let inside = 0;
    let most = 0;
    const work = async (): Promise<void> => {
      most = Math.max(most, ++inside);
      await new Promise(setImmediate);
      inside--;
    };
    await Promise.all([withLock(path, work), withLock(path, work), withLock(path, work)]);
    expect(most).toBe(1);
    expect(existsSync(path)).toBe(false);
  });

  it('is given back when the work fails', async () => {
    const path = join(folder, 'lock');
    await expect(withLock(path, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await withLock(path, () => Promise.resolve('next'))).toBe('next');
  });

  it('is broken when the process that held it is dead', async () => {
    const path = join(folder, 'lock');
    writeFileSync(path, '4194999'); // above the kernel's largest process number
    expect(await withLock(path, () => Promise.resolve('mine'))).toBe('mine');
  });
});

it('a directory that another process has put in place meanwhile is left as it is', async () => {
  for (const name of ['ours', 'theirs']) {
    mkdirSync(join(folder, name));
    writeFileSync(join(folder, name, name), '');
  }
  await moveIntoPlace(join(folder, 'ours'), join(folder, 'theirs'));
  expect(readdirSync(folder)).toEqual(['theirs']);
  expect(readdirSync(join(folder, 'theirs'))).toEqual(['theirs']);
});
