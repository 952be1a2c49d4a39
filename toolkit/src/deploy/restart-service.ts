import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf, SubmilliError } from '@submilli/core';
import type { Patroni } from '../drill/patroni';
import { get } from '../stack/http';
import type { Access, DeployCluster } from './cluster';
import { type Health, lookAt, worseThan } from './health';
import type { StepOf } from './step';

const BACK_SECONDS = 60;
const LOOK_MS = 500;

type Restarting = {
  readonly cluster: DeployCluster;
  readonly patroni: Patroni;
  readonly before: Health;
  readonly say: (detail: string) => void;
};

/** Restarts one service by the means of who started it, and waits until all is as it was: the next may be its neighbour. */
export const restartService = async (
  { service }: StepOf<'restart-service'>,
  { cluster, patroni, before, say }: Restarting,
): Promise<string | undefined> => {
  await cluster.services.restart(service);
  const end = Date.now() + BACK_SECONDS * 1000;
  for (;;) {
    const wrong = [
      ...worseThan(before, await lookAt(cluster, patroni)),
      ...(service.kind === 'etcd' ? await etcdProblems(cluster) : []),
    ];
    if (wrong.length === 0) return undefined;
    if (Date.now() > end) {
      throw new SubmilliError({
        what: `not well ${BACK_SECONDS} s after its restart: ${wrong.join('; ')}`,
        where: service.name,
      });
    }
    say(wrong.join('; '));
    await sleep(LOOK_MS);
  }
};

const etcdProblems = async ({ etcd }: Access): Promise<string[]> => {
  const answers = await Promise.all(
    etcd.map(async ({ name, healthUrl }) => {
      const text = await get(healthUrl, AbortSignal.timeout(2000)).then((answer) => answer.text, messageOf);
      return /"health"\s*:\s*"?true/.test(text) ? [] : [`${name} is not healthy`];
    }),
  );
  return answers.flat();
};
