import { bytesText } from '../../parse/quantity';
import type { Hit, Rule } from '../../rule';
import type { Machine, Scene } from '../../scene';
import { valueOf } from '../../view/server';
import { pooledSessions } from '../across/pools';
import { conf, inServers, settingRule } from './factory';

const MB = 1024 ** 2;
const memoryOf = ({ machine }: Scene): number => machine.memory_mb * MB;
const machine: Machine = { memory_mb: 16_384, cores: 8, storage: 'ssd' };
const some = { machine };
const disk = { machine: { ...machine, storage: 'hdd' as const } };

/** Beyond this, sessions only wait for each other, and each one costs a look in every snapshot. */
const mostConnections = ({ machine: { cores } }: Scene): number => Math.max(200, 16 * cores);

/** Not all sessions are busy at once, nor with what takes memory: but from so many times the memory on, some of them do. */
const SWAPS = 3;

export const memory: readonly Rule[] = [
  settingRule({
    id: 'postgresql-shared-buffers',
    title: 'shared_buffers does not fit the machine',
    ...{ severity: 'warning', fixable: false, name: 'shared_buffers' },
    source: 'PostgreSQL, Resource Consumption: shared_buffers',
    why: 'A quarter of the memory is a good start. From 40 % on, the kernel’s cache holds the same pages a second time in what is left, and sessions have nothing to sort in. The default of 128 MB is made to start anywhere.',
    fix: 'shared_buffers = a quarter of the memory.',
    bad: conf('shared_buffers = 12GB', some),
    good: conf('shared_buffers = 4GB', some),
    says: ({ number }, scene) => {
      const memory = memoryOf(scene);
      if (number > 0.4 * memory)
        return `shared_buffers of ${bytesText(number)} are ${Math.round((100 * number) / memory)} % of the machine’s ${bytesText(memory)}`;
      if (number <= 128 * MB && memory >= 4 * 1024 * MB)
        return `shared_buffers of ${bytesText(number)} on a machine with ${bytesText(memory)}`;
      return undefined;
    },
  }),
  settingRule({
    id: 'postgresql-effective-cache',
    title: 'The planner hopes for more memory than there is',
    ...{ severity: 'warning', fixable: false, name: 'effective_cache_size' },
    source: 'PostgreSQL, Query Planning: effective_cache_size',
    why: 'It takes no memory; it tells the planner how much of what it reads is in memory already. With too much it prefers indexes whose pages then come from disk, with less than shared_buffers it reads whole tables.',
    fix: 'effective_cache_size = three quarters of the memory.',
    bad: conf('effective_cache_size = 64GB', some),
    good: conf('shared_buffers = 4GB\neffective_cache_size = 12GB', some),
    says: ({ number, isSet }, scene, server) => {
      const buffers = valueOf(server, 'shared_buffers')?.number ?? 0;
      if (number > memoryOf(scene))
        return `effective_cache_size of ${bytesText(number)} is more than the machine’s ${bytesText(memoryOf(scene))}`;
      if (isSet && number < buffers)
        return `effective_cache_size of ${bytesText(number)} is less than shared_buffers of ${bytesText(buffers)}`;
      return undefined;
    },
  }),
  {
    id: 'postgresql-memory',
    title: 'All sessions together may ask for more memory than there is',
    ...{ severity: 'warning', kinds: ['postgresql', 'patroni'], fixable: false },
    source:
      'PostgreSQL, Resource Consumption: work_mem, hash_mem_multiplier, maintenance_work_mem, autovacuum_work_mem',
    why: 'Each sort and each hash of each session may take work_mem (a hash, hash_mem_multiplier of it). max_connections, or the pools in front, bound the sessions: when all are busy the machine swaps, or the kernel kills the server. From three times the memory on a third of them is enough: that is an error.',
    fix: 'Fewer connections behind a pool, or less work_mem with more for the roles that need it.',
    bad: conf('max_connections = 1000\nshared_buffers = 4GB\nwork_mem = 16MB', some),
    good: conf('max_connections = 100\nshared_buffers = 4GB\nwork_mem = 16MB', some),
    check: inServers((server, scene): Hit[] => {
      const [buffers, connections, work] = ['shared_buffers', 'max_connections', 'work_mem'].map((name) =>
        valueOf(server, name),
      );
      if (buffers === undefined || connections === undefined || work === undefined) return [];
      const maintenance = valueOf(server, 'maintenance_work_mem')?.number ?? 64 * MB;
      const own = valueOf(server, 'autovacuum_work_mem')?.number ?? -1;
      const vacuum = (own > 0 ? own : maintenance) * (valueOf(server, 'autovacuum_max_workers')?.number ?? 3);
      // Two sorts or hashes each is what ordinary statements have.
      const atOnce = Math.min(connections.number, pooledSessions(scene) ?? Infinity);
      const sessions = atOnce * work.number * 2;
      const total = buffers.number + sessions + vacuum;
      if (!(total > memoryOf(scene))) return [];
      const at = [connections, work, buffers].find(({ isSet }) => isSet)?.at ?? server.where;
      const says = `shared_buffers ${bytesText(buffers.number)} + ${atOnce} sessions * 2 * work_mem ${bytesText(work.number)} + vacuum ${bytesText(vacuum)} are ${bytesText(total)}, of ${bytesText(memoryOf(scene))}`;
      const severity = total > SWAPS * memoryOf(scene) ? 'error' : 'warning';
      return [{ at, says, severity, see: work.isSet ? [{ at: work.at, says: 'work_mem' }] : [] }];
    }),
  },
  settingRule({
    id: 'postgresql-max-connections',
    title: 'max_connections is far above what the machine can work on',
    ...{ severity: 'warning', fixable: false, name: 'max_connections' },
    source: 'PostgreSQL, Connections: max_connections; PostgreSQL wiki, Number Of Database Connections',
    why: 'More sessions than some four a core do not work, they wait for each other. The limit is what saves the server when clients run wild: each session it lets in takes memory and a look in every snapshot. Behind a pool, what the pools may open and some twenty for people and exporters is enough.',
    fix: 'A pool, and max_connections = what the pools may open + 30.',
    bad: conf('max_connections = 1000', some),
    good: conf('max_connections = 100', some),
    says: ({ number }, scene) =>
      number > mostConnections(scene)
        ? `${number} sessions on ${scene.machine.cores} cores: more than ${mostConnections(scene)} only wait for each other`
        : undefined,
  }),
  settingRule({
    id: 'postgresql-wal-buffers',
    title: 'wal_buffers is set by hand, to more than helps',
    ...{ severity: 'info', fixable: true, name: 'wal_buffers', want: '-1' },
    source: 'PostgreSQL, Write Ahead Log: wal_buffers',
    why: 'The buffer is written at each commit: more than one segment of 16 MB is rarely filled in between. Left alone (-1) it is a thirty-second of shared_buffers, up to those 16 MB; what is set by hand stays when the rest grows or shrinks.',
    fix: 'wal_buffers = -1, unless db_wal_buffers_full_total grows.',
    bad: conf('wal_buffers = 64MB'),
    good: conf('wal_buffers = -1'),
    says: ({ number }) =>
      number > 16 * MB ? `wal_buffers of ${bytesText(number)} is more than a WAL segment of 16 MB` : undefined,
  }),
  settingRule({
    id: 'postgresql-huge-pages',
    title: 'A lot of shared memory in small pages',
    ...{ severity: 'info', fixable: true, name: 'huge_pages', want: 'try' },
    source: 'PostgreSQL, Resource Consumption: huge_pages',
    why: 'Every session has a page table of its own for all of it, and the processor misses its address cache more.',
    fix: "huge_pages = 'try', with vm.nr_hugepages = postgres -C shared_memory_size_in_huge_pages.",
    bad: conf('shared_buffers = 16GB\nhuge_pages = off', { machine: { ...machine, memory_mb: 65_536 } }),
    good: conf('shared_buffers = 16GB\nhuge_pages = try', { machine: { ...machine, memory_mb: 65_536 } }),
    says: ({ text }, _, server) => {
      const buffers = valueOf(server, 'shared_buffers')?.number ?? 0;
      return text === 'off' && buffers >= 8 * 1024 * MB
        ? `${bytesText(buffers)} of shared_buffers in pages of 4 kB`
        : undefined;
    },
  }),
  settingRule({
    id: 'postgresql-random-page-cost',
    title: 'The planner takes the storage for another kind',
    ...{ severity: 'info', fixable: false, name: 'random_page_cost' },
    source: 'PostgreSQL, Query Planning: random_page_cost',
    why: 'On flash storage a page here and there costs hardly more than the next: with 4, the planner reads whole tables where an index would be faster. On a disk that turns it is the other way round.',
    fix: 'random_page_cost = 1.1 on flash, 4 on disks (--disk says which it is).',
    bad: conf('random_page_cost = 4', some),
    good: conf('random_page_cost = 1.1', some),
    says: ({ number }, { machine: { storage } }) =>
      storage === 'ssd' && number >= 3
        ? `random_page_cost is ${number}, on flash storage`
        : storage === 'hdd' && number < 2
          ? `random_page_cost is ${number}, on disks that have to seek`
          : undefined,
  }),
  settingRule({
    id: 'postgresql-io-concurrency',
    title: 'More reads at once than the storage takes',
    ...{ severity: 'info', fixable: false, name: 'effective_io_concurrency' },
    source: 'PostgreSQL, Resource Consumption: effective_io_concurrency',
    why: 'It is how far a bitmap scan reads ahead. Flash storage works on hundreds of reads at once; a disk on as many as it has spindles.',
    fix: 'effective_io_concurrency = 200 on flash, 2 on a disk.',
    bad: conf('effective_io_concurrency = 200', disk),
    good: conf('effective_io_concurrency = 200', some),
    says: ({ number }, { machine: { storage } }) =>
      storage === 'hdd' && number > 32 ? `${number} reads ahead, on disks that have to seek` : undefined,
  }),
];
