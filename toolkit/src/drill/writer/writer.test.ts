import fc from 'fast-check';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { drillPaths } from '@submilli/core';
import type { Acknowledged } from '../verdict/writes';
import { classOf, LocalOnly, NoAnswer } from './errors';
import { lineOf, openLedger, parseLedger, readLedger } from './ledger';
import { dueAt, dueBeats } from './schedule';
import type { Session } from './session';
import { startWriter, type WriterOptions } from './writer';

const acknowledged = fc.record<Acknowledged>({
  path: fc.constantFrom(...drillPaths),
  seq: fc.nat(),
  due: fc.double({ noNaN: true, noDefaultInfinity: true }),
  sent: fc.double({ noNaN: true, noDefaultInfinity: true }),
  at: fc.double({ noNaN: true, noDefaultInfinity: true }),
  member: fc.string(),
  timeline: fc.nat(),
});

let directory: string;
beforeEach(() => (directory = mkdtempSync(join(tmpdir(), 'submilli-drill-'))));
afterEach(() => rmSync(directory, { recursive: true }));

describe('the beats of an open loop', () => {
  it('are each handed out once, in order, never before they are due, however irregularly we look', () => {
    fc.assert(
      fc.property(
        fc.record({ start: fc.integer({ min: 0, max: 1000 }), every: fc.integer({ min: 1, max: 100 }) }),
        fc.array(fc.integer({ min: 0, max: 2000 }), { maxLength: 30 }),
        (schedule, pauses) => {
          let now = 0;
          let next = 0;
          for (const pause of pauses) {
            now += pause;
            const { from, to } = dueBeats(schedule, next, now);
            expect(from).toBe(next);
            expect(to).toBeGreaterThanOrEqual(next);
            if (to > next) expect(dueAt(schedule, to - 1)).toBeLessThanOrEqual(now);
            expect(dueAt(schedule, to)).toBeGreaterThan(now);
            next = to;
          }
        },
      ),
    );
  });
});

describe('the ledger', () => {
  it('gives back what was written, whatever it is', () => {
    fc.assert(
      fc.property(fc.array(acknowledged), (writes) => {
        expect(parseLedger(writes.map(lineOf).join(''))).toEqual(JSON.parse(JSON.stringify(writes)));
      }),
    );
  });

  it('cut off anywhere holds the writes before that, and none made up', () => {
    fc.assert(
      fc.property(
        fc.array(acknowledged, { minLength: 1, maxLength: 5 }),
        fc.double({ min: 0, max: 1 }),
        (writes, share) => {
          const text = writes.map(lineOf).join('');
          const cut = text.slice(0, Math.floor(text.length * share));
          const whole = cut.split('\n').length - 1;
          expect(parseLedger(cut)).toEqual(JSON.parse(JSON.stringify(writes.slice(0, whole))));
        },
      ),
    );
  });

  it('has all on the disk when it is closed, and does not write over another', async () => {
    const path = join(directory, 'acknowledged');
    const ledger = await openLedger(path);
    const writes = Array.from({ length: 500 }, (_, seq): Acknowledged => {
      return { path: 'pool', seq, due: seq, sent: seq, at: seq, member: 'pg1', timeline: 1 };
    });
    for (const [i, write] of writes.entries()) {
      ledger.append(write);
      if (i % 100 === 0) await sleep(1);
    }
    await ledger.close();
    expect(readLedger(path)).toEqual(writes);
    await expect(openLedger(path)).rejects.toThrow(/EEXIST/);
    expect(readFileSync(path, 'utf8').endsWith('\n')).toBe(true);
  });
});

describe('errors as a client tells them apart', () => {
  it.each([
    [Object.assign(new Error('terminating connection'), { code: '57P01' }), '57P01'],
    [Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' }), 'ECONNREFUSED'],
    [new AggregateError([Object.assign(new Error('x'), { code: 'ECONNREFUSED' })], ''), 'ECONNREFUSED'],
    [new Error('timeout expired'), 'no answer'],
    [new NoAnswer('no answer within 4 s'), 'no answer'],
    [new Error('Connection terminated unexpectedly'), 'connection lost'],
    [new LocalOnly('canceling wait for synchronous replication'), 'committed locally only'],
  ])('%s', (error, expected) => {
    expect(classOf(error)).toBe(expected);
  });
});

/** A server of our own making: each session answers as `answer` says. */
const writerOn = async (
  answer: (seq: number, dropped: Promise<void>) => Promise<void>,
  change: Partial<WriterOptions> = {},
) => {
  const ledger = await openLedger(join(directory, 'acknowledged'));
  const begin = performance.now();
  const now = (): number => performance.now() - begin;
  let opened = 0;
  const connect = (): Promise<Session> => {
    opened += 1;
    let alive = true;
    let drop: () => void = () => undefined;
    const dropped = new Promise<void>((resolve) => (drop = resolve));
    return Promise.resolve({
      alive: () => alive,
      drop: () => {
        alive = false;
        drop();
      },
      write: async (_run, _path, seq) => {
        await answer(seq, dropped);
        return { server: 'x:1', timeline: 1 };
      },
    });
  };
  const writer = startWriter({
    ...{ run: 'r', path: 'pool', connect, ledger, now, memberAt: () => 'pg1', sessions: 4, patienceMs: 50 },
    schedule: { start: 0, every: 5 },
    ...change,
  });
  return { writer, ledger, opened: () => opened, read: () => readLedger(join(directory, 'acknowledged')) };
};

const untilDropped = async (dropped: Promise<void>): Promise<void> => {
  await dropped;
  throw new Error('Connection terminated');
};

describe('a writer', () => {
  it('accounts for every beat: acknowledged, failed or unsent, each once', async () => {
    const { writer, ledger, read } = await writerOn(async (seq, dropped) => {
      if (seq % 7 === 3) throw Object.assign(new Error('no'), { code: '57P01' });
      if (seq % 11 === 5) await untilDropped(dropped);
      await sleep(seq % 3);
    });
    await sleep(500);
    const { failed, unsent, beats } = await writer.stop();
    await ledger.close();
    const seqs = [...read(), ...failed].map(({ seq }) => seq);
    expect(new Set(seqs).size).toBe(seqs.length);
    expect(seqs.every((seq) => seq >= 0 && seq < beats)).toBe(true);
    expect(seqs.length + unsent).toBe(beats);
    expect(failed.map(({ class: name }) => name)).toEqual(expect.arrayContaining(['57P01', 'no answer']));
  });

  it('sends the next although the last one hangs, in a bounded number of sessions', async () => {
    const { writer, ledger, opened, read } = await writerOn(
      async (seq, dropped) => (seq === 0 ? untilDropped(dropped) : undefined),
      { patienceMs: 10_000 },
    );
    await sleep(300);
    const { failed } = await writer.stop();
    await ledger.close();
    expect(read().length).toBeGreaterThan(0);
    expect(failed.map(({ seq, class: name }) => [seq, name])).toEqual([[0, 'no answer']]);
    expect(opened()).toBeLessThanOrEqual(4);
  });

  it('does not count an answer that came after it had given up', async () => {
    const { writer, ledger, read } = await writerOn(() => sleep(200), { patienceMs: 20, sessions: 1 });
    await sleep(260);
    const { failed } = await writer.stop();
    await ledger.close();
    expect(read()).toEqual([]);
    expect(failed.length).toBeGreaterThan(0);
  });

  it('stops while a write never returns', async () => {
    const { writer, ledger } = await writerOn((_, dropped) => untilDropped(dropped), { patienceMs: 100_000 });
    await sleep(50);
    const { failed } = await writer.stop();
    await ledger.close();
    expect(failed.every(({ class: name }) => name === 'no answer')).toBe(true);
  });
});
