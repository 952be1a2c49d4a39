import { emptyWindow, slide } from '@submilli/core';
import fc from 'fast-check';
import { type DemandReading, demandOf, serversNeeded } from './demand';

const reading = (transactions: number, serverSeconds: number, waitSeconds: number, busy = 0): DemandReading => ({
  ...{ transactions, serverSeconds, waitSeconds },
  pools: [{ user: 'trader', busy, waiting: 0, clients: 9 }],
});
const windowOf = (...readings: DemandReading[]) =>
  readings.reduce(
    (window, value, i) => slide(window, i * 10_000, new Map([['app', value]])),
    emptyWindow<ReadonlyMap<string, DemandReading>>(60),
  );

describe('what clients ask of a pool', () => {
  it('is, by Little’s law, arrivals times service time', () => {
    const demand = demandOf(windowOf(reading(0, 0, 0), reading(1000, 20, 5, 3)), 'app');
    expect(demand).toMatchObject({ seconds: 10, arrivals: 100, serviceSeconds: 0.02, waitSeconds: 0.005, busy: 2 });
    expect(demand?.busy).toBeCloseTo((demand?.arrivals ?? 0) * (demand?.serviceSeconds ?? 0));
    expect(demand).toMatchObject({ waiting: 0.5, peak: 3, users: ['trader'], heaviest: 1, clients: 9 });
  });

  it('is not known from one reading, without traffic, of another database, or across a restart', () => {
    expect(demandOf(windowOf(reading(5, 1, 0)), 'app')).toBeUndefined();
    expect(demandOf(windowOf(reading(5, 1, 0), reading(5, 1, 0)), 'app')).toBeUndefined();
    expect(demandOf(windowOf(reading(0, 0, 0), reading(5, 1, 0)), 'other')).toBeUndefined();
    expect(demandOf(windowOf(reading(900, 9, 0), reading(5, 1, 0)), 'app')).toBeUndefined();
  });

  it('is shared by the pools of its users as they were seen at work', () => {
    const pools = [
      { user: 'trader', busy: 6, waiting: 3, clients: 20 },
      { user: 'reports', busy: 1, waiting: 0, clients: 2 },
    ];
    const both = (part: DemandReading): DemandReading => ({ ...part, pools });
    const demand = demandOf(windowOf(both(reading(0, 0, 0)), both(reading(1000, 20, 5))), 'app');
    expect(demand).toMatchObject({ heaviest: 0.9, clients: 20, peak: 9 });
  });

  it('never takes more servers than there are clients, unless so many were seen busy', () => {
    const load = fc.double({ min: 0, max: 1000, noNaN: true });
    fc.assert(
      fc.property(load, load, fc.nat(1000), fc.nat(1000), (busy, waiting, peak, clients) => {
        const needed = serversNeeded(busy, waiting, peak, clients);
        expect(needed).toBeLessThanOrEqual(Math.max(1, clients, peak, Math.ceil(busy)));
        expect(needed).toBeGreaterThanOrEqual(Math.max(1, peak, busy));
      }),
    );
  });

  it('takes more servers the more is asked, never fewer than were busy, and some to spare', () => {
    const load = fc.double({ min: 0, max: 1000, noNaN: true });
    fc.assert(
      fc.property(load, load, load, load, (busy, waiting, peak, more) => {
        const needed = serversNeeded(busy, waiting, peak);
        expect(needed).toBeGreaterThanOrEqual(Math.max(1, busy + waiting, peak));
        expect(serversNeeded(busy + more, waiting, peak)).toBeGreaterThanOrEqual(needed);
        expect(serversNeeded(busy, waiting + more, peak)).toBeGreaterThanOrEqual(needed);
        expect(Number.isInteger(needed)).toBe(true);
      }),
    );
  });
});
