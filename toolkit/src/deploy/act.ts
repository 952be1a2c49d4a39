import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf, SubmilliError } from '@submilli/core';
import type { Patroni } from '../drill/patroni';
import type { Backup } from './backup';
import type { DeployCluster } from './cluster';
import { Conflict } from './conflict';
import { reloadPool } from './console';
import type { Health } from './health';
import { putFile } from './put-file';
import { restartMembers } from './restart-members';
import type { Do } from './run';
import { restartService } from './restart-service';
import { changeSettings } from './settings-act';
import type { Step } from './step';

export type Hands = {
  readonly cluster: DeployCluster;
  readonly patroni: Patroni;
  readonly backup: Backup;
  readonly before: Health;
  readonly say: (detail: string) => void;
  readonly note: (text: string) => void;
};

/** Does a step to the cluster. */
export const actOn = (hands: Hands): Do => {
  const { cluster, patroni, backup } = hands;
  const act: Do = async (step: Step, direction) => {
    switch (step.kind) {
      case 'file': {
        const machine = cluster.machines.get(step.machine);
        if (machine !== undefined) return putFile(step, machine, backup);
        throw new SubmilliError({
          what: `no machine is called ${step.machine} any more`,
          where: step.path,
          hint: 'Name it under reference: deploy: machines, as when this was deployed.',
        });
      }
      case 'settings':
        return changeSettings(step, direction, cluster, patroni, hands.say);
      case 'reload':
        return reload(step, hands);
      case 'restart-members':
        return restartMembers({ access: cluster, step, ...hands });
      case 'restart-service':
        return restartService(step, hands);
    }
  };
  return (step, direction) =>
    direction === 'forward' ? act(step, direction) : surely(() => act(step, direction), hands.say);
};

const SURELY_SECONDS = 60;
const AGAIN_MS = 1000;

/** What takes something back is tried until it works: right after a harmful change nobody may answer. */
const surely = async (act: () => ReturnType<Do>, say: (detail: string) => void): Promise<string | undefined> => {
  const end = Date.now() + SURELY_SECONDS * 1000;
  for (;;) {
    try {
      return await act();
    } catch (error) {
      if (error instanceof Conflict || Date.now() > end) throw error;
      say(messageOf(error));
    }
    await sleep(AGAIN_MS);
  }
};

const reload = async (
  { service, shrinks }: Extract<Step, { kind: 'reload' }>,
  { cluster, patroni }: Hands,
): Promise<string | undefined> => {
  const lost = (): SubmilliError =>
    new SubmilliError({ what: `there is no ${service.kind} ${service.name}`, where: cluster.cluster });
  if (service.kind === 'member') {
    const member = cluster.members.find(({ name }) => name === service.name);
    if (member === undefined) throw lost();
    await patroni.reload(member);
    return undefined;
  }
  if (service.kind === 'pool') {
    const pool = cluster.pools.find(({ name }) => name === service.name);
    if (pool === undefined) throw lost();
    await reloadPool(pool, shrinks);
    return shrinks ? 'and its server connections are made anew, as they come free' : undefined;
  }
  await cluster.services.reload(service);
  return undefined;
};
