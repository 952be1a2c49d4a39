import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BackupVerification } from '@submilli/core';
import { type Backups, parseInfo, restorableSince } from './info';
import { backupProblems, windowSince } from './problems';

const text = readFileSync(join(__dirname, '..', '..', 'test', 'fixtures', 'pgbackrest-2.45-info.json'), 'utf8');
const read = (): Backups => {
  const found = parseInfo(text, 'demo');
  if (found === undefined) throw new Error('the fixture has no stanza demo');
  return found;
};
const verification = (at: number, ok: boolean): BackupVerification => ({
  at: new Date(at * 1000).toISOString(),
  ...{ repository: 1, target: new Date(at * 1000).toISOString(), lastTransaction: null, nextTransaction: null },
  ...{ restoreSeconds: 1, recoverySeconds: 1, checkSeconds: 1, bytes: 1, ok },
  checks: [{ name: 'pg_amcheck', ok, detail: '' }],
});

describe('what pgBackRest says', () => {
  it('is read repository by repository', () => {
    const { postgres, repositories } = read();
    expect(postgres).toBe('15');
    expect(repositories.map(({ key, problem, encrypted }) => ({ key, problem, encrypted }))).toEqual([
      { key: 1, problem: null, encrypted: true },
      { key: 2, problem: null, encrypted: true },
    ]);
    expect(repositories.map(({ backups }) => backups.map(({ type, damaged }) => ({ type, damaged })))).toEqual([
      [{ type: 'full', damaged: false }],
      [{ type: 'full', damaged: false }],
    ]);
  });

  it('has nothing to say of another stanza', () => {
    expect(parseInfo(text, 'other')).toBeUndefined();
  });

  it('does not count backups of a cluster that had the name before', () => {
    const [one] = JSON.parse(text) as [{ db: object[] }];
    const rebuilt = [{ ...one, db: [...one.db, { ...one.db[0], id: 2 }] }];
    const [first, second] = parseInfo(JSON.stringify(rebuilt), 'demo')?.repositories ?? [];
    expect(first?.backups).toEqual([]);
    expect(second?.backups).toHaveLength(1);
  });

  it('of a file that another passphrase encrypted is one line, and the other repository is read all the same', () => {
    // As 2.45 quotes it: bytes as they are, between escaped line ends.
    const message = String.raw`[FormatError] unable to load info file 'a' or 'a.copy':\nFormatError: key/value found outside of section at line 1: `;
    const wrong = text.replace(
      /"code":0,(\s*)"message":"ok"/,
      `"code":99,$1"message":"${message}\u0013\u0001\ufffdx\u001a"`,
    );
    expect(wrong).not.toBe(text);
    const backups = parseInfo(wrong, 'demo');
    expect(backups?.repositories.map(({ problem }) => problem)).toEqual([
      "[FormatError] unable to load info file 'a' or 'a.copy'",
      null,
    ]);
    expect(backups === undefined ? [] : backupProblems(backups, undefined, 0)).toContainEqual(
      expect.objectContaining({ id: 'unusable-1', remedy: expect.stringContaining('repo1-cipher-pass') as string }),
    );
  });

  it('is refused when it is something else', () => {
    expect(() => parseInfo('{}', 'demo')).toThrow();
    expect(() => parseInfo('ERROR', 'demo')).toThrow();
  });
});

describe('problems of backups', () => {
  const backups = read();
  const [repository] = backups.repositories;
  if (repository === undefined) throw new Error('the fixture has no repository');
  const ended = repository.backups.at(-1)?.stop ?? NaN;
  const ids = (of: Backups, verifications: BackupVerification[] | undefined, later: number): string[] =>
    backupProblems(of, verifications, ended + later).map(({ id }) => id);
  const only = (change: Partial<typeof repository>): Backups => ({
    ...backups,
    repositories: [{ ...repository, ...change }, ...backups.repositories.slice(1)],
  });

  it('are none while all is as it should be', () => {
    expect(ids(backups, [verification(ended, true)], 3600)).toEqual([]);
    expect(ids(backups, undefined, 3600)).toEqual([]);
  });

  it.each<[string, Backups]>([
    ['unusable-1', only({ problem: 'missing stanza path' })],
    ['empty-1', only({ backups: [] })],
    ['plain-1', only({ encrypted: false })],
    ['damaged-1', only({ backups: repository.backups.map((one) => ({ ...one, damaged: true })) })],
    ['single', { ...backups, repositories: [repository] }],
  ])('are told: %s', (id, of) => {
    expect(ids(of, [verification(ended, true)], 60)).toEqual([id]);
  });

  it('are a backup that is old, a rehearsal that is, and one that failed', () => {
    expect(ids(backups, [verification(ended, true)], 27 * 3600)).toEqual(['stale-1', 'stale-2']);
    expect(ids(backups, [], 60)).toEqual(['unverified']);
    expect(ids(backups, [verification(ended - 9 * 86_400, true)], 60)).toEqual(['unverified']);
    expect(ids(backups, [verification(ended, true), verification(ended, false)], 60)).toEqual(['verification']);
  });

  it('know since when any moment can be restored', () => {
    expect(windowSince(backups)).toBe(Math.min(...backups.repositories.map((one) => restorableSince(one) ?? NaN)));
    expect(windowSince(only({ problem: 'gone', backups: [] }))).not.toBeNull();
    expect(windowSince({ ...backups, repositories: [] })).toBeNull();
  });
});
