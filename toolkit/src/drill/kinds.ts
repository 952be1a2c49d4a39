import { type DrillKind, drillKinds } from '@submilli/core';

/** What there is to say about a kind of drill before anybody runs it. */
export type KindFacts = {
  readonly title: string;
  /** For the help and the report: what is done, and what it shows. */
  readonly does: string;
  /** Clients on the pool must see no error at all. */
  readonly noErrorsThroughPool: boolean;
  /** There is an outage to recover from; otherwise writes may just go on. */
  readonly recovers: boolean;
  /** Median in seconds that the local stack is held to, through the pool. */
  readonly target: number | null;
};

const facts = (title: string, does: string, rest: Partial<KindFacts> = {}): KindFacts => ({
  ...{ title, does, noErrorsThroughPool: false, recovers: true, target: null },
  ...rest,
});

export const kinds: Readonly<Record<DrillKind, KindFacts>> = {
  switchover: facts(
    'switchover',
    'moves the primary on purpose: the pool waits, Patroni switches over, the pool goes on; no client sees an error',
    { noErrorsThroughPool: true, target: 2 },
  ),
  'postmaster-kill': facts('postmaster crash', 'kill -9 of the primary’s postmaster; Patroni stays and sees it', {
    target: 3,
  }),
  'node-loss': facts(
    'node loss',
    'kill -9 of Patroni and PostgreSQL of the primary together; its host still answers, and refuses',
    { target: 5.5 },
  ),
  'power-off': facts('power off', 'kill -9 of all on the primary’s host, which also falls silent on the network', {
    target: 7.5,
  }),
  hang: facts('hang', 'SIGSTOP of Patroni and PostgreSQL of the primary, and SIGCONT after the failover', {
    target: 7.5,
  }),
  'postgres-hang': facts(
    'PostgreSQL hangs',
    'SIGSTOP of the primary’s PostgreSQL alone, and SIGCONT after the failover',
    {
      target: 7.5,
    },
  ),
  partition: facts('network cut', 'cuts the primary’s host off from all others, and reconnects it after the failover', {
    target: 7.5,
  }),
  'patroni-kill': facts(
    'Patroni killed',
    'kill -9 of Patroni on the primary; PostgreSQL is left running with nobody to look after it',
    { recovers: false },
  ),
  'etcd-leader': facts('etcd leader lost', 'kill -9 of the etcd member that leads', { recovers: false }),
  'etcd-quorum': facts('etcd lost', 'stops all etcd members for longer than the leader’s lock lives', {
    recovers: false,
  }),
  'standby-loss': facts(
    'synchronous standby lost',
    'kill -9 of Patroni and PostgreSQL of the synchronous standby: commits wait until Patroni lets the primary go on alone',
    { recovers: false },
  ),
  'full-disk': facts('disk full', 'fills the primary’s disk up'),
};

export const isKind = (text: string): text is DrillKind => (drillKinds as readonly string[]).includes(text);
