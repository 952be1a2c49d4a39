import fc from 'fast-check';
import type { Backup, Repository } from '@submilli/ha';
import { isAt, landingOf } from './landing';
import { backupFor, drawMoment, parseMoment, SETTLE_SECONDS, timestampOf } from './moment';
import { dueType } from './schedule';
import { commandOf } from './restore-command';
import { statementsIn } from './checks';

const backup = (type: Backup['type'], stop: number): Backup => ({
  ...{ label: `${stop}`, type, start: stop - 10, stop, bytes: 1, repositoryBytes: 1, damaged: false },
});
const repository = (...backups: Backup[]): Repository => ({
  ...{ key: 1, problem: null, encrypted: true, newestWal: null, backups },
});

describe('a moment', () => {
  it('is written so that PostgreSQL reads the same, to the microsecond', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4e15 }), (micros) => {
        const written = timestampOf(micros / 1e6);
        expect(written).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6}\+00$/);
        expect(Math.abs(parseMoment(written) - micros / 1e6)).toBeLessThan(1e-6);
      }),
    );
  });

  it.each([
    ['2026-01-31T12:00:00Z', 1769860800],
    ['2026-01-31 12:00:00.25+00', 1769860800.25],
    ['2026-01-31 13:00+01:00', 1769860800],
  ])('may be written %s', (text, seconds) => {
    expect(parseMoment(text)).toBe(seconds);
  });

  it.each(['2026-01-31T12:00:00', 'yesterday', '2026-13-31T12:00:00Z'])('may not be written %s', (text) => {
    expect(() => parseMoment(text)).toThrow('is no moment');
  });

  it('that is drawn can be restored: after the first full backup, recent, and settled', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 100_000 }),
        fc.integer({ min: 100, max: 200_000 }),
        fc.integer({ min: 100, max: 50_000 }),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (stop, later, within, draw) => {
          const now = stop + later;
          const moment = drawMoment(repository(backup('full', stop)), now, within, () => draw);
          expect(moment).toBeGreaterThan(stop);
          expect(moment).toBeGreaterThanOrEqual(now - within);
          expect(moment).toBeLessThanOrEqual(now - SETTLE_SECONDS);
        },
      ),
    );
  });

  it('is not drawn where none can be restored yet', () => {
    expect(() => drawMoment(repository(), 1000, 100, Math.random)).toThrow('has no full backup');
    expect(() => drawMoment(repository(backup('full', 990)), 1000, 100, Math.random)).toThrow('too young');
  });

  it('is restored from the newest backup that had ended by then', () => {
    const all = repository(backup('full', 100), backup('incr', 200), backup('full', 300));
    expect([99, 100, 250, 999].map((at) => backupFor(all, at)?.label)).toEqual([undefined, '100', '200', '300']);
  });
});

describe('where a recovery landed', () => {
  const log = `
    LOG:  recovery stopping before commit of transaction 725, time 2026-11-28 07:58:42.941952+00
    LOG:  redo done at 0/8027640 system usage: CPU: user: 0.00 s
    LOG:  last completed transaction was at log time 2026-11-28 07:35:17.832986+00`;

  it('is what PostgreSQL says of it', () => {
    const { last, next } = landingOf(log);
    expect([last, next].map((at) => (at === null ? null : timestampOf(at)))).toEqual([
      '2026-11-28 07:35:17.832986+00',
      '2026-11-28 07:58:42.941952+00',
    ]);
  });

  it.each([
    ['2026-11-28T07:35:17Z', false],
    ['2026-11-28T07:40:00Z', true],
    ['2026-11-28T07:58:43Z', false],
  ])('is at %s: %s', (text, at) => {
    expect(isAt(landingOf(log), parseMoment(text))).toBe(at);
  });

  it('is nowhere as long as nothing says so', () => {
    expect(isAt(landingOf(''), 0)).toBe(false);
  });
});

describe('the schedule', () => {
  const policy = { full: 1000, incremental: 100, from: 0 };
  it.each([
    ['full', 'at first', repository()],
    ['full', 'when the last one is old', repository(backup('full', 0), backup('incr', 990))],
    ['incr', 'when the last backup of any kind is', repository(backup('full', 500), backup('incr', 880))],
    [undefined, 'when nothing is', repository(backup('full', 500), backup('incr', 950))],
  ])('makes %s %s', (type, _, all) => {
    expect(dueType(all, policy, 1000)).toBe(type);
  });
});

describe('a restore', () => {
  it('does not archive to where the living cluster does, unless it replaces that', () => {
    const request = { repository: 1, to: '/x', moment: 0, pause: false };
    expect(commandOf({ ...request, replaces: false }).args).toContain('--archive-mode=off');
    expect(commandOf({ ...request, replaces: true }).args).not.toContain('--archive-mode=off');
  });
});

describe('statements of a file', () => {
  it('are told apart by a semicolon at the end of a line; comments alone are none', () => {
    expect(statementsIn("-- a\nSELECT ';' ;\n-- b\n\nSELECT 2\n;\n-- end\n").length).toBe(2);
  });
});
