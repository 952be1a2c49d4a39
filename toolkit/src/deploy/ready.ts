import { SubmilliError } from '@submilli/core';
import type { Patroni } from '../drill/patroni';
import type { DeployCluster } from './cluster';
import { type Health, lookAt, troubles } from './health';
import { readScore, valuesOf } from './score';

/** What a deploy is judged against afterwards: how all is before it. */
export type Ready = { readonly health: Health; readonly score: Record<string, number> | null };

/** Throws a `SubmilliError` with what is wrong: a change on top of another trouble could not be judged. */
export const requireReady = async (
  cluster: DeployCluster,
  patroni: Patroni,
  withScore: boolean,
  signal: AbortSignal,
): Promise<Ready> => {
  const now = await lookAt(cluster, patroni);
  const wrong = troubles(now, cluster.members.length > 1);
  if (wrong.length > 0) {
    const hint = 'Nothing was changed: a deploy begins on a healthy cluster only.';
    throw new SubmilliError({ what: wrong.join('; '), where: cluster.cluster, hint });
  }
  if (!withScore) return { health: now, score: null };
  const scored = await readScore(cluster.scoreUrl, now.leader ?? '', signal);
  if ('absent' in scored) {
    throw new SubmilliError({
      what: `there is no score to judge the deploy by: ${scored.absent}`,
      where: cluster.cluster,
      hint: 'Nothing was changed. Start the exporters, name them by score_url, or say --without-score: health alone decides then.',
    });
  }
  return { health: now, score: valuesOf(scored.scores) };
};
