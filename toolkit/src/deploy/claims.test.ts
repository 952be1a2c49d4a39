import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { claimMachines } from './claims';
import { type Holder, ourselves } from './lock';
import { localMachine } from './machines/local';

let path = '';
beforeEach(() => (path = join(mkdtempSync(join(tmpdir(), 'submilli-claim-')), '.submilli-deploy')));
afterEach(() => rmSync(join(path, '..'), { recursive: true }));

const machine = (name: string) => localMachine(name);
const us = ourselves('deploy apply', new Date(0));
const heldBy = (holder: Partial<Holder>): void => writeFileSync(path, JSON.stringify({ ...us, ...holder }));

describe('a machine that is deployed to', () => {
  it('says by whom for as long, also where it is two machines of the cluster', async () => {
    const release = await claimMachines(
      ['pg1', 'etcd1'].map((name) => ({ machine: machine(name), path })),
      us,
    );
    expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual(us);
    await release();
    expect(existsSync(path)).toBe(false);
  });

  it('is let go of by nobody else, also when it is only one of several', async () => {
    heldBy({ host: 'elsewhere', user: 'somebody' });
    const other = join(path, '..', 'other');
    const claims = [other, path].map((each) => ({ machine: machine('pg1'), path: each }));
    await expect(claimMachines(claims, us)).rejects.toThrow('somebody else deploys to it: deploy apply of somebody');
    expect([other, path].map(existsSync)).toEqual([false, true]);
  });

  it('is free when who had it from here is gone', async () => {
    heldBy({ process: { pid: process.pid, startTime: 'another' } });
    const release = await claimMachines([{ machine: machine('pg1'), path }], us);
    expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual(us);
    await release();
  });
});
