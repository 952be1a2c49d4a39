import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { processWith } from '../stack/procs';
import { type Holder, lockHolder, ourselves, takeLock } from './lock';

const now = new Date('2026-01-31T12:00:00Z');
const us = ourselves('deploy apply', now);

describe('the lock of a deploy', () => {
  let directory = '';
  let other: ChildProcess;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'submilli-lock-'));
    other = spawn('sleep', ['60']);
  });
  afterEach(() => {
    other.kill('SIGKILL');
    rmSync(directory, { recursive: true });
  });
  const them = (): Holder => ({ ...us, user: 'eve', process: processWith(other.pid ?? 0) ?? us.process });

  it('is refused while its holder lives, with who that is', () => {
    expect(lockHolder(join(directory, 'nobody was here yet'))).toBeUndefined();
    takeLock(directory, them());
    expect(lockHolder(directory)).toEqual(them());
    expect(() => takeLock(directory, us)).toThrow(
      `another deploy is at work: deploy apply of eve on ${us.host} (process ${other.pid}, since 2026-01-31T12:00:00.000Z)`,
    );
  });

  it('is free again when it is let go', () => {
    takeLock(directory, us).release();
    takeLock(directory, us).release();
    expect(lockHolder(directory)).toBeUndefined();
    expect(readdirSync(directory)).toHaveLength(1);
  });

  it('holds nothing when its holder is gone, nor when another process has its number by now', async () => {
    takeLock(directory, { ...us, process: { pid: process.pid, startTime: 'another' } });
    takeLock(directory, them());
    const gone = new Promise((resolve) => other.once('close', resolve));
    other.kill('SIGKILL');
    await gone;
    expect(() => takeLock(directory, us)).not.toThrow();
  });

  it('is taken by one of many that find a dead holder at once', async () => {
    takeLock(directory, { ...us, process: { pid: 1, startTime: 'long ago' } });
    const script = join(__dirname, '..', '..', 'test', 'deploy', 'locker.ts');
    const loader = join(__dirname, '..', '..', 'test', 'deploy', 'load-ts.js');
    const lockers = Array.from({ length: 5 }, () => spawn(process.execPath, ['-r', loader, script, directory]));
    const answers = await Promise.all(lockers.map(answerOf));
    for (const locker of lockers) locker.kill('SIGKILL');
    expect(answers.filter((answer) => answer === 'mine')).toHaveLength(1);
    expect(answers.filter((answer) => answer.startsWith('another deploy is at work'))).toHaveLength(4);
  }, 120_000);
});

const answerOf = (child: ChildProcess): Promise<string> =>
  new Promise((resolve) => {
    child.stdout
      ?.setEncoding('utf8')
      .once('data', (text: string) => resolve(text.trim().replace(/^\S+: (another)/, '$1')));
  });
