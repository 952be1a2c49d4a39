import { setTimeout as sleep } from 'node:timers/promises';
import { readInclude } from '../../stack/follow-primary';
import { leaderKey } from '../etcd';
import type { Patroni } from '../patroni';
import type { DrillMember, Pool, Topology } from '../topology';
import type { Observer } from './members';

type Event = (who: string, what: string) => void;

const MEMBER_EVERY_MS = 200;
const MEMBER_ANSWER_MS = 1000;
const POOL_EVERY_MS = 50;
const KEY_EVERY_MS = 100;
const KEY_ANSWER_MS = 500;

const repeat = (everyMs: number, look: () => Promise<void>): Observer => {
  let stopped = false;
  const loop = async (): Promise<void> => {
    while (!stopped) {
      await look();
      await sleep(everyMs);
    }
  };
  const looping = loop();
  return {
    stop: async () => {
      stopped = true;
      await looping;
    },
  };
};

/** Tells whenever what is looked at says something else than before. */
const changes = (who: string, event: Event): ((what: string) => void) => {
  let last: string | undefined;
  return (what) => {
    if (last !== undefined && last !== what) event(who, what);
    last = what;
  };
};

/** What a member's Patroni says of it. */
export const observePatroni = (patroni: Patroni, member: DrillMember, event: Event): Observer => {
  const say = changes(`Patroni of ${member.name}`, event);
  return repeat(MEMBER_EVERY_MS, async () => {
    try {
      const { role, state } = await patroni.status(member, MEMBER_ANSWER_MS);
      say(`${role}, ${state}`);
    } catch {
      say('no answer');
    }
  });
};

/** Who holds the leader key, read from whichever member of etcd answers. */
export const observeLeaderKey = ({ etcd, dcsPrefix }: Topology, event: Event): Observer => {
  const say = changes('leader key', event);
  return repeat(KEY_EVERY_MS, async () => {
    for (const member of etcd) {
      try {
        const key = await leaderKey(member, dcsPrefix, KEY_ANSWER_MS);
        say(key === undefined ? 'nobody' : `${key.holder}, revision ${key.revision}`);
        return;
      } catch {
        // the next may know
      }
    }
    say('etcd does not answer');
  });
};

/** Where the pool is told to go; only where it is told in a file we can read. */
export const observePool = (pool: Pool, members: readonly DrillMember[], event: Event): Observer => {
  const say = changes('pool', event);
  return repeat(POOL_EVERY_MS, () => {
    const at = pool.include === undefined ? undefined : readInclude(pool.include.file);
    const member = members.find(({ host, port }) => host === at?.host && port === at.port);
    if (at !== undefined) say(`points at ${member?.name ?? `${at.host}:${at.port}`}`);
    return Promise.resolve();
  });
};
