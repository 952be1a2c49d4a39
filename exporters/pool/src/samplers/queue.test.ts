import { configSchema, deadlineIn, type Row, type SqlSession } from '@submilli/core';
import { queue, restAfter, waitingOf } from './queue';

const row = { ptr: '0x1', connect_time: 't', request_time: 'u', database: 'app', user: 'trader', state: 'waiting' };

/** A console whose commands take the given milliseconds of a clock that nothing else moves. */
const consoleOf = (answers: Readonly<Record<string, { rows: readonly Row[]; ms: number }>>) => {
  let now = 0;
  const asked: string[] = [];
  const session: SqlSession = {
    certificate: () => null,
    query: (text) => {
      asked.push(text);
      now += answers[text]?.ms ?? 0;
      return Promise.resolve(answers[text]?.rows ?? []);
    },
  };
  return { session, asked, clock: { monotonic: () => now, wall: () => now } };
};

const env = { config: configSchema.parse({}), facts: { version: '1.18.0', versionNumber: 11_800 } };

const pools = (waiting: number) => ({ rows: [{ database: 'app', cl_waiting: waiting }], ms: 1 });

describe('the queue’s sampler', () => {
  it('asks for the clients only when one waits', async () => {
    const { session, asked, clock } = consoleOf({ 'SHOW POOLS': pools(0) });
    const start = queue.start(env.config);
    const data = await queue.read(session, env, deadlineIn(1000, clock), start);
    expect(asked).toEqual(['SHOW POOLS']);
    expect(queue.fold(start, data, 0, env).beats).toEqual({ empty: 1, skipped: 0, read: 0 });
  });

  it('leaves PgBouncer alone for as long as its last answer was dear', async () => {
    const answers = { 'SHOW POOLS': pools(1), 'SHOW CLIENTS': { rows: [{ ...row, wait: 1, wait_us: 500 }], ms: 16 } };
    const { session, asked, clock } = consoleOf(answers);
    let state = queue.start(env.config);
    for (let beat = 0; beat < 4; beat += 1) {
      const at = clock.monotonic();
      state = queue.fold(state, await queue.read(session, env, deadlineIn(1000, clock), state), at, env);
    }
    expect(asked.filter((text) => text === 'SHOW CLIENTS')).toHaveLength(2);
    expect(state.beats).toEqual({ empty: 0, skipped: 2, read: 2 });
    expect([restAfter(0, 250), restAfter(5, 250), restAfter(15, 250), restAfter(-1, 250)]).toEqual([0, 0, 2, 0]);
  });

  it('takes only clients that wait, to the microsecond', () => {
    const rows = [
      { ...row, wait: 1, wait_us: 500 },
      { ...row, state: 'active', wait: 7, wait_us: 0 },
      { ...row, database: 'pgbouncer', wait: 7, wait_us: 0 },
    ];
    expect(waitingOf(rows).map(({ waitedMs }) => waitedMs)).toEqual([1000.5]);
  });

  it('beats as often as configured, or not at all', () => {
    expect(queue.interval(configSchema.parse({ pool_sampling_hz: 10 }))).toBe(0.1);
    expect(queue.interval(configSchema.parse({ pool_sampling_hz: 0 }))).toBe(0);
    expect(() => configSchema.parse({ pool_sampling_hz: 21 })).toThrow();
  });
});
