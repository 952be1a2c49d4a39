import { configSchema, emptyWindow } from '@submilli/core';
import { changeOf, type ServerReading, serverWindow, type ServerWindow } from './server-window';

const reading = (part: Partial<ServerReading['counters']> = {}, started = 1): ServerReading => ({
  ...{ started, sessions: 3 },
  counters: {
    ...{ xid: 1000, multixact: 5, timed: 1, requested: 1, walBytes: 10, walWrites: 2, walBuffersFull: 0 },
    ...{ walFsyncs: 2, walFsyncSeconds: 0.5, backendFsyncs: 0 },
    ...part,
  },
});
const env = { config: configSchema.parse({}) } as never;
const windowOf = (...readings: ServerReading[]): ServerWindow =>
  readings.reduce<ServerWindow>(
    (window, one, i) => serverWindow.fold(window, one, i * 60_000, env),
    emptyWindow<ServerReading>(3600),
  );

describe('the counters of a server over hours', () => {
  it('are what was added between the first reading and the last', () => {
    expect(changeOf(windowOf(reading(), reading({ xid: 1600, walBytes: 70, walFsyncSeconds: 1 })))).toMatchObject({
      ...{ seconds: 60, xid: 600, walBytes: 60, walFsyncSeconds: 0.5, multixact: 0 },
    });
    expect(changeOf(windowOf(reading()))).toBeUndefined();
  });

  it('go on over the end of 32 bits of multixacts', () => {
    const before = reading({ multixact: 2 ** 31 - 1 });
    expect(changeOf(windowOf(before, reading({ multixact: -(2 ** 31) + 4 })))?.multixact).toBe(5);
  });

  it('do not know a time that was measured at one end only', () => {
    expect(changeOf(windowOf(reading({ walFsyncSeconds: null }), reading()))?.walFsyncSeconds).toBeNull();
  });

  it('begin anew after a restart, on another server, or when the statistics were reset', () => {
    expect(windowOf(reading(), reading({}, 2)).readings).toHaveLength(1);
    expect(windowOf(reading(), reading({ walBytes: 3 })).readings).toHaveLength(1);
    expect(windowOf(reading(), reading()).readings).toHaveLength(2);
  });
});
