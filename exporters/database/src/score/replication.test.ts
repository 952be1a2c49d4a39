import type { SlotRow } from '../collectors/slots';
import type { Standbys } from '../collectors/standbys';
import { FORGET_AFTER_MS, lagOf, remember } from './replication';

const MB = 1024 * 1024;

const primary = (position: number, standbys: Standbys['standbys'] = []): Standbys => ({
  ...{ in_recovery: false, position, replayed: null, receiving: false, replay_age_seconds: null, standbys },
});
const standby = (changes: Partial<Standbys> = {}): Standbys => ({
  ...{ in_recovery: true, position: 100 * MB, replayed: 80 * MB, receiving: true, replay_age_seconds: 5, standbys: [] },
  ...changes,
});
const slot = (changes: Partial<SlotRow>): SlotRow => ({
  ...{ slot: 's', slot_type: 'physical', active: false, retained_bytes: 0, safe_bytes: null, wal_status: 'reserved' },
  ...{ xmin_age: null, catalog_xmin_age: null, inactive_seconds: null },
  ...changes,
});
const physical = (name: string, position: number | null) => ({ name, physical: true, position });

describe('replication on a primary', () => {
  it('lags as far as its worst standby', () => {
    const now = primary(100 * MB, [physical('a', 99 * MB), physical('b', 60 * MB)]);
    expect(lagOf(now, [], remember(now, new Map(), 0)).replication_lag).toBe(40);
  });

  it('is not applicable where no standby is known', () => {
    expect(lagOf(primary(100 * MB), [], new Map()).replication_lag).toMatchObject({ missing: 'not-applicable' });
  });

  it('lags more and more behind a standby that was there and is gone, until it is forgotten', () => {
    const seen = remember(primary(100 * MB, [physical('a', 100 * MB)]), new Map(), 0);
    const later = primary(150 * MB);
    expect(lagOf(later, [], remember(later, seen, 60_000)).replication_lag).toBe(50);
    expect(remember(later, seen, FORGET_AFTER_MS + 1).size).toBe(0);
  });

  it('remembers the same standby by where it is now, and of two with one name the one that is behind', () => {
    const first = remember(primary(10 * MB, [physical('a', 5 * MB)]), new Map(), 0);
    const now = primary(100 * MB, [physical('a', 100 * MB), physical('a', 90 * MB)]);
    expect(remember(now, first, 1).get('a')).toEqual({ position: 90 * MB, at: 1 });
  });

  it('does not wait for a logical subscriber that left, nor for one that has not said where it is', () => {
    const now = primary(100 * MB, [{ name: 'sync', physical: false, position: MB }, physical('new', null)]);
    expect(remember(now, new Map(), 0).size).toBe(0);
  });

  it('lags as far as a slot that nobody streams from', () => {
    const lost = [slot({ retained_bytes: 70 * MB }), slot({ active: true, retained_bytes: 900 * MB })];
    expect(lagOf(primary(100 * MB), lost, new Map()).replication_lag).toBe(70);
  });
});

describe('replication on a standby', () => {
  it('lags by what it has received and not replayed', () => {
    expect(lagOf(standby(), [], new Map())).toMatchObject({
      replication_lag: 20,
      replication_delay: { missing: 'not-applicable' },
    });
  });

  it('is as old as its last transaction when nobody streams to it', () => {
    const cutOff = lagOf(standby({ receiving: false, replay_age_seconds: 900 }), [], new Map());
    expect(cutOff).toMatchObject({ replication_lag: { missing: 'not-applicable' }, replication_delay: 900 });
    const empty = lagOf(standby({ receiving: false, replay_age_seconds: null }), [], new Map());
    expect(empty.replication_delay).toMatchObject({ missing: 'unknown' });
  });

  it('is unknown when it could not be read', () => {
    expect(lagOf(undefined, [], new Map()).replication_lag).toMatchObject({ missing: 'unknown' });
  });
});
