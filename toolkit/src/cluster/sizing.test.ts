import fc from 'fast-check';
import { hugePages, type Machine, maxConnections, poolSize, type Sessions, sizeSettings, smallest } from './sizing';

const machine = (memory_mb: number, cores: number, disk_gb: number, storage: Machine['storage'] = 'ssd'): Machine => ({
  ...{ memory_mb, cores, disk_gb, storage },
});
const sessions: Sessions = { pools: 1, pooledRoles: 2 };
const valueOf = (of: Machine, name: string, who = sessions) =>
  sizeSettings(of, who).find((setting) => setting.name === name)?.value;
const toMb = (value: string | number | undefined): number => {
  const [, number, unit] = /^(\d+)(MB|GB)$/.exec(String(value)) ?? [];
  return Number(number) * (unit === 'GB' ? 1024 : 1);
};

describe('the size of a server', () => {
  const small = machine(1024, 2, 10);
  const large = machine(256 * 1024, 64, 4000);

  it('is a quarter of the memory for buffers, and never more than 32 GB', () => {
    expect(valueOf(small, 'shared_buffers')).toBe('256MB');
    expect(valueOf(machine(64 * 1024, 16, 500), 'shared_buffers')).toBe('16GB');
    expect(valueOf(large, 'shared_buffers')).toBe('32GB');
  });

  it('has room for every pool, the exporters and people, and not for the whole company', () => {
    expect(maxConnections(small, sessions)).toBe(100);
    expect(maxConnections(large, sessions)).toBe(550); // 2 * 256 + 5 + 28, rounded up
    expect(maxConnections(machine(8192, 8, 100), { pools: 3, pooledRoles: 2 })).toBe(170); // 3 * (2 * 20 + 5) + 28
  });

  it('lends the same cores in smaller pools where there are more pools', () => {
    expect(poolSize(large, sessions)).toBe(256);
    expect(poolSize(large, { ...sessions, pools: 4 })).toBe(64);
  });

  it('asks for huge pages when they pay', () => {
    expect(hugePages(small)).toBe(0);
    expect(valueOf(small, 'huge_pages')).toBe('off');
    expect(hugePages(machine(32 * 1024, 16, 500))).toBe(4506); // 8 GB and a tenth, in pages of 2 MB
    expect(valueOf(machine(32 * 1024, 16, 500), 'huge_pages')).toBe('try');
  });

  it('counts on slow seeks only where a disk has to', () => {
    expect(valueOf(small, 'random_page_cost')).toBe(1.1);
    expect(valueOf(machine(1024, 2, 10, 'hdd'), 'random_page_cost')).toBe(4);
  });

  it('is that of the smallest machine, since each may have to lead', () => {
    const both = [machine(8192, 16, 100), machine(16_384, 4, 200, 'hdd')];
    expect(smallest(both)).toEqual(machine(8192, 4, 100, 'hdd'));
  });

  it('fits, on any machine: memory for buffers and sorts, disk for WAL', () => {
    const anything = fc.record({
      memory_mb: fc.integer({ min: 1024, max: 2_000_000 }),
      cores: fc.integer({ min: 1, max: 256 }),
      disk_gb: fc.integer({ min: 10, max: 100_000 }),
      storage: fc.constantFrom('ssd' as const, 'hdd' as const),
    });
    const anybody = fc.record({ pools: fc.integer({ min: 1, max: 5 }), pooledRoles: fc.integer({ min: 1, max: 3 }) });
    fc.assert(
      fc.property(anything, anybody, (of, who) => {
        const buffers = toMb(valueOf(of, 'shared_buffers', who));
        const workMem = toMb(valueOf(of, 'work_mem', who));
        const sorts = workMem * 2 * who.pools * poolSize(of, who);
        expect(buffers).toBeLessThanOrEqual(of.memory_mb / 4);
        // 4 MB is the least, however little there is.
        expect(workMem === 4 || sorts <= of.memory_mb / 4).toBe(true);
        const wal = toMb(valueOf(of, 'max_wal_size', who)) + toMb(valueOf(of, 'max_slot_wal_keep_size', who));
        expect(wal).toBeLessThanOrEqual((of.disk_gb * 1024) / 4);
        expect(toMb(valueOf(of, 'effective_cache_size', who))).toBeLessThan(of.memory_mb);
        for (const { why } of sizeSettings(of, who)) expect(why).not.toBe('');
      }),
    );
  });
});
