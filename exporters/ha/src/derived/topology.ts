import { defineDerived, gauge } from '@submilli/core';
import { z } from 'zod';
import { cluster } from '../collectors/cluster';
import { members as membersPart } from '../collectors/members';
import { replication } from '../collectors/replication';
import { servers as serversPart, type ServersData } from '../collectors/servers';
import type { HaFacts } from '../source';
import { type Member, membersOf } from '../topology/members';
import { isAlias } from '../topology/nodes';
import { type Replica, replicasOf } from '../topology/replicas';
import { streamsOf } from '../topology/walsenders';

/** The cluster put together from what Patroni, the servers and the configuration say. */
export type Topology = {
  readonly primary: string | null;
  readonly members: readonly Member[];
  /** Those that stream, and those that should. */
  readonly replicas: readonly Replica[];
  readonly hasPatroni: boolean;
  /** When each member was last there, in milliseconds since 1970. */
  readonly seen: ReadonlyMap<string, number>;
};

/** A member that is lost and named nowhere is missed for a day; then it was removed on purpose. */
export const REMEMBERED_MS = 86_400_000;
const MOST = 100;

const roles = ['leader', 'standby_leader', 'sync_standby', 'quorum_standby', 'replica'] as const;
const saved = z.array(z.tuple([z.string(), z.number()]));

export const topology = defineDerived({
  name: 'topology',
  source: 'Patroni GET /cluster, GET /patroni, pg_stat_replication',
  metrics: {
    expected: gauge(
      'db_ha_expected_members',
      'Members there should be: those of the configuration and of Patroni’s list, and those seen in the last day.',
    ),
    missing: gauge(
      'db_ha_member_missing',
      'Whether a member that should be there is gone (1): Patroni, where there is one, lists it no more, and it does not answer.',
      ['member'],
    ),
    up: gauge(
      'db_ha_member_up',
      'Whether the member’s PostgreSQL runs (1) or not (0): asked itself where its server or its API is configured, else by Patroni’s account. One that disappears stays at 0 for a day.',
      ['member'],
    ),
    role: gauge('db_ha_member_role', 'Which role the member has: 1 for it, 0 for the others.', ['member', 'role']),
    timeline: gauge('db_ha_member_timeline', 'Timeline the member is on.', ['member']),
    divergence: gauge(
      'db_ha_timeline_divergence',
      'Timelines between the newest and the oldest that a running member is on; 0 when all are on one.',
    ),
    leader: gauge('db_ha_leader_present', 'Whether the cluster has a running leader (1) or not (0).'),
    primaries: gauge(
      'db_ha_primaries',
      'Members that can be written to, asked themselves (their server, else their API); more than 1 is split brain.',
    ),
  },
  derive: (snapshots, _env: { readonly facts: HaFacts }, before: Topology | undefined): Topology => {
    const listed = snapshots.of(cluster);
    const streams = snapshots.of(replication);
    const asked = snapshots.of(serversPart) ?? nobody;
    const primary = streams?.primary ?? null;
    const head = asked.answered.find(({ member }) => member === primary);
    const ofPrimary = head === undefined || streams === undefined ? [] : streamsOf(head, streams.senders, asked);
    const ofStandbys = asked.answered
      .filter(({ member, row }) => member !== primary && row.in_recovery)
      .flatMap((standby) => streamsOf(standby, standby.row.walsenders, asked));
    const replicas = replicasOf(primary, ofPrimary, ofStandbys, asked);
    const known = { cluster: listed, members: snapshots.of(membersPart), servers: asked, replicas, primary };
    const seen = (members: readonly (readonly [string, number])[]) =>
      members.filter(([name]) => !isAlias(name, asked.nodes));
    const remembered = seen([...(before?.seen ?? [])].filter(([, at]) => asked.readAt - at < REMEMBERED_MS));
    const logical = ofPrimary.filter(({ sender }) => !sender.physical).map(({ replica }) => replica);
    const members = membersOf(
      { ...known, replicas: replicas.filter(({ name }) => !logical.includes(name)) },
      remembered.map(([name]) => name),
    );
    return {
      ...{ primary, members, hasPatroni: listed !== undefined },
      replicas: [...replicas, ...lost(members, replicas, primary)],
      seen: new Map(
        [...remembered, ...seen(members.filter(isThere).map(({ name }) => [name, asked.readAt]))].slice(-MOST),
      ),
    };
  },
  persist: {
    save: ({ seen }: Topology) => [...seen].map(([name, at]) => [name, Math.floor(at / 60_000) * 60_000]),
    load: (json): Topology | undefined => {
      const { data } = saved.safeParse(json);
      if (data === undefined) return undefined;
      return { primary: null, members: [], replicas: [], hasPatroni: false, seen: new Map(data) };
    },
  },
  publish: ({ members, hasPatroni }: Topology, m) => {
    const timelines = members.filter(({ up }) => up).flatMap(({ timeline }) => (timeline === null ? [] : [timeline]));
    const knows = members.filter(({ writable }) => writable !== null);
    return [
      m.expected({}, members.length),
      m.leader({}, isLed(members) ? 1 : 0),
      m.primaries({}, knows.length === 0 ? null : knows.filter(({ writable }) => writable).length),
      m.divergence({}, timelines.length === 0 ? null : Math.max(...timelines) - Math.min(...timelines)),
      ...members.flatMap(({ name, up, role, timeline, missing }) => [
        m.up({ member: name }, up ? 1 : 0),
        m.missing({ member: name }, missing === null ? null : Number(missing)),
        ...(hasPatroni || role !== null || !up
          ? roles.map((one) => m.role({ member: name, role: one }, role === one ? 1 : 0))
          : []),
        m.timeline({ member: name }, timeline),
      ]),
    ];
  },
});

const nobody: ServersData = { answered: [], silent: [], nodes: [], addresses: [], readAt: 0 };

const isThere = ({ up, listed }: Member): boolean => up || listed !== null;

/** Somebody can be written to, or leads a standby cluster. */
export const isLed = (members: readonly Member[]): boolean =>
  members.some(({ writable, role, up }) => writable === true || (up && role?.endsWith('leader') === true));

/** Members that should stream and are nowhere. */
const lost = (members: readonly Member[], replicas: readonly Replica[], primary: string | null): readonly Replica[] =>
  members
    .filter(({ name, role, writable }) => name !== primary && writable !== true && role?.endsWith('leader') !== true)
    .filter(({ name }) => !replicas.some((replica) => replica.name === name))
    .map(({ name }) => ({ name, connected: false, upstream: null, state: null, sync: null, lag: null }));
