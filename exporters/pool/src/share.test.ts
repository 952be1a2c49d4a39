import { snapshotsOf } from '../test/fixtures';
import { databases } from './collectors/databases';
import { pools } from './collectors/pools';
import { sharedOf } from './share';

const app = { name: 'app', host: '10.0.0.1', port: 5432, database: 'trading', pool_size: 4, reserve_pool: 0 };
const pool = { database: 'app', user: 'a', cl_waiting: 0, sv_active: 1, sv_idle: 3, maxwait: 0, maxwait_us: 0 };

describe('what the pool exporter shares', () => {
  it('is the demand on the fullest pool of a server database, and its longest wait', () => {
    const busy = { ...pool, user: 'b', cl_waiting: 6, sv_active: 4, sv_idle: 0, maxwait: 1, maxwait_us: 500_000 };
    expect(sharedOf(snapshotsOf([databases, [app]], [pools, [pool, busy]]))).toEqual([
      { kind: 'pool-saturation', host: '10.0.0.1', port: 5432, database: 'trading', ratio: 2.5, waitSeconds: 1.5 },
    ]);
  });

  it('names every host that the pool may go to', () => {
    const items = sharedOf(snapshotsOf([databases, [{ ...app, host: 'a,b' }]], [pools, [pool]]));
    expect(items.map(({ host }) => host)).toEqual(['a', 'b']);
  });

  it('is nothing where no pool was used yet, the pool is unlimited, or the console did not answer', () => {
    expect(sharedOf(snapshotsOf([databases, [app]], [pools, []]))).toEqual([]);
    expect(sharedOf(snapshotsOf([databases, [{ ...app, pool_size: 0 }]], [pools, [pool]]))).toEqual([]);
    expect(sharedOf(snapshotsOf([pools, [pool]]))).toEqual([]);
  });
});
