/** What one machine has for PostgreSQL. */
export type Machine = {
  readonly memory_mb: number;
  readonly cores: number;
  /** Of the file system with the data and the WAL. */
  readonly disk_gb: number;
  readonly storage: 'ssd' | 'hdd';
};

/** Who connects to a server, and how many at once. */
export type Sessions = {
  /** Machines with a pool. */
  readonly pools: number;
  /** Roles that come through a pool: each has a pool of its own there. */
  readonly pooledRoles: number;
};

/** A setting, and the arithmetic behind it, for the comment beside it. */
export type Sized = { readonly name: string; readonly value: string | number; readonly why: string };

const GB = 1024;
const clamp = (value: number, least: number, most: number): number => Math.min(Math.max(value, least), most);
const inMb = (mb: number): string => (mb % GB === 0 ? `${mb / GB}GB` : `${mb}MB`);
const megabytes = (mb: number): number => Math.floor(mb);

/** The cluster is as large as its smallest machine: each may have to lead. */
export const smallest = (machines: readonly Machine[]): Machine => ({
  memory_mb: Math.min(...machines.map(({ memory_mb }) => memory_mb)),
  cores: Math.min(...machines.map(({ cores }) => cores)),
  disk_gb: Math.min(...machines.map(({ disk_gb }) => disk_gb)),
  storage: machines.some(({ storage }) => storage === 'hdd') ? 'hdd' : 'ssd',
});

export const RESERVE = 5;
const EXPORTERS = 15;
const PEOPLE = 10;
const SUPERUSERS = 3;

/** Server connections per role and pool: more than some four a core only wait for each other. */
export const poolSize = ({ cores }: Machine, { pools }: Sessions): number =>
  Math.max(20, Math.ceil((4 * cores) / Math.max(1, pools)));

const pooled = (machine: Machine, sessions: Sessions): number =>
  sessions.pools * (sessions.pooledRoles * poolSize(machine, sessions) + RESERVE);

/** Most connections a server must have room for; more than 100 costs little where a pool keeps them few. */
export const maxConnections = (machine: Machine, sessions: Sessions): number => {
  const wanted = pooled(machine, sessions) + EXPORTERS + PEOPLE + SUPERUSERS;
  return Math.max(100, Math.ceil(wanted / 10) * 10);
};

/** Pages of 2 MB to set aside for PostgreSQL's shared memory, with a tenth for what is beside the buffers; 0: not worth it. */
export const hugePages = (machine: Machine): number => {
  const buffers = sharedBuffers(machine);
  return buffers < 2 * GB ? 0 : Math.ceil((buffers * 1.1) / 2);
};

const sharedBuffers = ({ memory_mb }: Machine): number => megabytes(clamp(memory_mb / 4, 128, 32 * GB));

/** WAL that may wait until a repository takes it: a tenth of the disk, as for a standby that does not return. */
export const queueMegabytes = ({ disk_gb }: Machine): number => megabytes(Math.max(GB, (disk_gb * GB) / 10));

/** Settings that follow from the machine and from who connects. */
export const sizeSettings = (machine: Machine, sessions: Sessions): Sized[] => {
  const { memory_mb, cores, disk_gb, storage } = machine;
  const size = poolSize(machine, sessions);
  const buffers = sharedBuffers(machine);
  const atOnce = sessions.pools * size;
  const workMem = megabytes(clamp(memory_mb / 4 / (2 * Math.max(1, atOnce)), 4, 256));
  const maxWal = megabytes(clamp(Math.min(memory_mb / 4, (disk_gb * GB) / 20), GB, 32 * GB));
  const ssd = storage === 'ssd';
  return [
    {
      name: 'max_connections',
      value: maxConnections(machine, sessions),
      why:
        `${sessions.pools} pool(s) * (${sessions.pooledRoles} roles * ${size} + reserve ${RESERVE}) + ` +
        `exporters ${EXPORTERS} + people ${PEOPLE} + superusers ${SUPERUSERS}`,
    },
    { name: 'shared_buffers', value: inMb(buffers), why: 'a quarter of the memory; the rest caches files, too' },
    {
      name: 'huge_pages',
      value: hugePages(machine) > 0 ? 'try' : 'off',
      why:
        hugePages(machine) > 0 ? 'fewer page tables for every connection: see sysctl.conf' : 'from 2 GB of buffers on',
    },
    {
      name: 'effective_cache_size',
      value: inMb(megabytes((memory_mb * 3) / 4)),
      why: 'what the planner may hope to find in memory: buffers and file cache, three quarters',
    },
    {
      name: 'work_mem',
      value: inMb(workMem),
      why: `a quarter of the memory over ${atOnce} sessions at once with two sorts or hashes each`,
    },
    {
      name: 'maintenance_work_mem',
      value: inMb(megabytes(clamp(memory_mb / 16, 64, 2 * GB))),
      why: 'each of the three vacuum workers may take it: a sixteenth',
    },
    {
      name: 'max_wal_size',
      value: inMb(maxWal),
      why: 'fewer checkpoints under load; at most a twentieth of the disk, and no more to replay than memory holds',
    },
    {
      // A bare number: with a unit in etcd, Patroni up to 3.1.1 answers /config with nothing at all.
      name: 'wal_keep_size',
      value: maxWal,
      why: 'in MB: who lost the lead rejoins from the last checkpoint before, so what is written between two stays',
    },
    { name: 'min_wal_size', value: inMb(megabytes(maxWal / 4)), why: 'kept for reuse instead of made anew' },
    {
      name: 'max_slot_wal_keep_size',
      value: inMb(megabytes(Math.max(GB, (disk_gb * GB) / 10))),
      why: 'a standby that never returns must not fill the disk: a tenth of it',
    },
    { name: 'max_worker_processes', value: Math.max(8, cores), why: 'parallel queries and extensions share them' },
    { name: 'max_parallel_workers', value: cores, why: 'one a core' },
    {
      name: 'max_parallel_workers_per_gather',
      value: clamp(Math.floor(cores / 4), 0, 2),
      why: 'many short statements keep the cores busy by themselves',
    },
    {
      name: 'max_parallel_maintenance_workers',
      value: clamp(Math.floor(cores / 2), 1, 4),
      why: 'an index is built by half of the cores at most',
    },
    {
      name: 'random_page_cost',
      value: ssd ? 1.1 : 4,
      why: ssd ? 'flash storage: reading here and there costs hardly more' : 'a disk has to seek',
    },
    { name: 'effective_io_concurrency', value: ssd ? 200 : 2, why: 'reads the storage takes at once' },
  ];
};
