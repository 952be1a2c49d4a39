import fc from 'fast-check';
import { deadlineIn } from '../clock';
import { createLink, type Opened, retryDelayMs } from './link';

const steerableClock = () => {
  let now = 0;
  return { clock: { monotonic: () => now, wall: () => now }, advance: (ms: number) => (now += ms) };
};

const opened = (session: string): Opened<string> & { drop: () => void } => {
  let closed = false;
  const end = (): void => {
    closed = true;
  };
  return { session, isClosed: () => closed, close: () => Promise.resolve(end()), drop: end };
};

describe('link', () => {
  it('opens once and hands the same session to everyone', async () => {
    const { clock } = steerableClock();
    let opens = 0;
    const link = createLink({
      where: 'x',
      open: () => Promise.resolve(opened(`s${++opens}`)),
      clock,
      random: () => 0.5,
    });
    const deadline = deadlineIn(1000, clock);
    expect(await Promise.all([link.use(deadline), link.use(deadline)])).toEqual(['s1', 's1']);
    expect(await link.use(deadline)).toBe('s1');
    expect(link.epoch()).toBe(1);
  });

  it('opens a new session, and says so by its epoch, after the old one was lost', async () => {
    const { clock } = steerableClock();
    const first = opened('first');
    const sessions = [first, opened('second')];
    const link = createLink({
      where: 'x',
      open: () => Promise.resolve(sessions.shift() ?? opened('third')),
      clock,
      random: () => 0.5,
    });
    await link.use(deadlineIn(1000, clock));
    first.drop();
    expect(link.isOpen()).toBe(false);
    expect(await link.use(deadlineIn(1000, clock))).toBe('second');
    expect(link.epoch()).toBe(2);
  });

  it('answers with the last failure at once while it backs off, then tries again', async () => {
    const { clock, advance } = steerableClock();
    let attempts = 0;
    const link = createLink<string>({
      where: 'x',
      open: () => (++attempts < 2 ? Promise.reject(new Error('refused')) : Promise.resolve(opened('s'))),
      clock,
      random: () => 0.5,
    });
    await expect(link.use(deadlineIn(1000, clock))).rejects.toThrow('refused');
    await expect(link.use(deadlineIn(1000, clock))).rejects.toThrow('refused');
    expect(attempts).toBe(1);
    advance(251);
    expect(await link.use(deadlineIn(1000, clock))).toBe('s');
  });

  it('gives up waiting at the deadline while an opening hangs', async () => {
    const { clock } = steerableClock();
    const link = createLink<string>({
      where: 'db',
      open: () => new Promise(() => undefined),
      clock,
      random: () => 0.5,
    });
    await expect(link.use(deadlineIn(0, clock))).rejects.toThrow('db: no answer before the deadline');
  });

  it('waits longer after each failure, never longer than 15 s', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1000 }), fc.double({ min: 0, max: 1, noNaN: true }), (failures, random) => {
        expect(retryDelayMs(failures, random)).toBeGreaterThanOrEqual(125);
        expect(retryDelayMs(failures, random)).toBeLessThanOrEqual(15_000);
        expect(retryDelayMs(failures + 1, random)).toBeGreaterThanOrEqual(retryDelayMs(failures, random));
      }),
    );
  });
});
