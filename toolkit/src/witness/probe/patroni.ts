import { type Clock, messageOf } from '@submilli/core';
import { z } from 'zod';
import type { Dcs } from '../dcs';
import type { Health, Standby } from '../look';
import { type Agents, ask } from '../request';
import { isOff, word } from '../words';
import { healthOf } from './health';

/** Asks Patroni whether it is there at all: any answer is one, also 503. */
export const probePatroni = async (url: string, agents: Agents, timeoutMs: number, clock: Clock): Promise<Health> => {
  const began = clock.monotonic();
  const at = new URL('/liveness', url);
  const what = `Patroni ${at.host}`;
  try {
    const { status } = await ask(at, agents, { method: 'GET', timeoutMs });
    return { is: 'alive', why: `${what} answers ${status}` };
  } catch (error) {
    return healthOf(error, what, clock.monotonic() - began, timeoutMs);
  }
};

const status = z.object({
  state: z.string(),
  role: z.string(),
  timeline: z.number().nullish(),
  pause: z.boolean().default(false),
  sync_standby: z.boolean().default(false),
  failsafe_mode_is_active: z.boolean().default(false),
  tags: z.object({ nofailover: word }).prefault({}),
  xlog: z.object({ received_location: z.number().nullish(), replayed_location: z.number().nullish() }).default({}),
});
type Status = z.output<typeof status>;

/** Asks a synchronous standby whether it could take over. */
export const probeStandby = async (name: string, dcs: Dcs, agents: Agents, timeoutMs: number): Promise<Standby> => {
  const url = dcs.members.get(name)?.patroni ?? null;
  if (url === null) return { name, unfit: 'it is not among the members in etcd' };
  try {
    const { text } = await ask(new URL('/patroni', url), agents, { method: 'GET', timeoutMs });
    return { name, unfit: whyUnfit(status.parse(JSON.parse(text)), dcs) };
  } catch (error) {
    return { name, unfit: error instanceof z.ZodError ? 'its answer is not understood' : messageOf(error) };
  }
};

/** By the rules by which Patroni itself would let it race for the leader key: without them a removal only costs. */
export const whyUnfit = (seen: Status, { config, leader, lsn, members }: Dcs): string | null => {
  if (seen.state !== 'running') return `its PostgreSQL is ${seen.state}`;
  if (seen.role !== 'replica') return `it is ${seen.role}, not a replica`;
  if (!seen.sync_standby) return 'it does not know that it is synchronous';
  if (seen.pause) return 'it is paused';
  if (seen.failsafe_mode_is_active) return 'failsafe mode is active: the leader has reached it without etcd';
  if (!isOff(seen.tags.nofailover)) return 'it has the tag nofailover';
  const expected = members.get(leader?.name ?? '')?.timeline ?? null;
  if (expected !== null && typeof seen.timeline === 'number' && seen.timeline < expected) {
    return `it is on timeline ${seen.timeline}, the leader on ${expected}`;
  }
  const has = Math.max(seen.xlog.received_location ?? 0, seen.xlog.replayed_location ?? 0);
  if (lsn === null || config === null || lsn - has > config.maximumLag) return 'it is behind the leader';
  return null;
};
