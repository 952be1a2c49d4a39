import { SubmilliError } from '@submilli/core';
import { isAlive } from '../stack/procs';
import type { DeployCluster } from './cluster';
import { type Holder, parseHolder, sayHolder } from './lock';

/**
 * Says on every machine that we deploy to it, so that nobody does so from elsewhere. One whose process was on our host and
 * is gone holds nothing; of one on another host only its people can know. Resolves with how to let go.
 */
export const claimMachines = async (claims: DeployCluster['claims'], us: Holder): Promise<() => Promise<void>> => {
  const taken: DeployCluster['claims'][number][] = [];
  const release = async (): Promise<void> => {
    for (const { machine, path } of taken) await machine.remove(path).catch(() => undefined); // the next finds us gone
  };
  try {
    for (const claim of claims) {
      await claimOne(claim, us);
      taken.push(claim);
    }
  } catch (error) {
    await release();
    throw error;
  }
  return release;
};

const claimOne = async ({ machine, path }: DeployCluster['claims'][number], us: Holder): Promise<void> => {
  const text = `${JSON.stringify(us)}\n`;
  const other = await machine.claim(path, text);
  if (other === undefined || other === text) return; // one machine may have two parts of a cluster
  const holder = parseHolder(other);
  if (holder?.host === us.host && !isAlive(holder.process)) {
    await machine.remove(path);
    if ((await machine.claim(path, text)) === undefined) return;
  }
  throw new SubmilliError({
    what: `somebody else deploys to it: ${holder === undefined ? 'who is not said' : sayHolder(holder)}`,
    where: `${machine.name}:${path}`,
    hint: 'Ask them. If their process is gone and nothing is left of what it did, remove that file.',
  });
};
