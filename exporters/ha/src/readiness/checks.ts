import { type ArchiveRow, isFailing } from '../collectors/archive';
import { type EtcdData, quorumMargin } from '../collectors/etcd';
import type { MembersData } from '../collectors/members';
import type { ServersData } from '../collectors/servers';
import type { SettingsData } from '../collectors/settings';
import { isLed, type Topology } from '../derived/topology';
import type { Cluster, DynamicConfig } from '../patroni/schema';
import { DEFAULTS } from '../patroni/defaults';
import { type Candidate, candidatesOf } from './candidates';

/** All that readiness is judged by; what is not known is undefined. */
export type Known = {
  readonly topology: Topology;
  readonly hasPatroni: boolean;
  readonly cluster: Cluster | undefined;
  readonly members: MembersData | undefined;
  readonly servers: ServersData | undefined;
  readonly config: DynamicConfig | undefined;
  readonly etcd: EtcdData | undefined;
  readonly archive: ArchiveRow | undefined;
  readonly settings: SettingsData | undefined;
  /** By the sampler; undefined while it does not look. */
  readonly split: boolean | undefined;
  /** Milliseconds since 1970. */
  readonly now: number;
};

/** What a check finds: a sentence on what stands in the way, null if nothing does, or why nobody can tell. */
type Found = { readonly blocked: string | null } | { readonly unknown: string };

type Check = {
  readonly reason: string;
  /** What it takes of readiness: 1 is all of it, since nobody could take over, or nobody should. */
  readonly share: number;
  readonly look: (known: Known, candidates: readonly Candidate[]) => Found;
};

const clear: Found = { blocked: null };
const blocked = (sentence: string): Found => ({ blocked: sentence });
const unknown = (why: string): Found => ({ unknown: why });
const when = (is: boolean, sentence: string): Found => (is ? blocked(sentence) : clear);
const listOf = (names: readonly string[]): string => names.join(', ');

/** More than this to replay, and a promotion takes seconds longer. */
const BEHIND_BYTES = 64 * 1024 ** 2;
const BEHIND_SECONDS = 10;
/** Rounds of Patroni without the store until it counts as lost, and at least so many seconds. */
const UNSEEN = { rounds: 3, seconds: 30 };

const able = (candidates: readonly Candidate[]): readonly Candidate[] => candidates.filter(({ why }) => why === null);

const noPrimary: Check = {
  ...{ reason: 'no-primary', share: 1 },
  look: ({ topology }) => when(!isLed(topology.members), 'There is no primary now.'),
};

const splitBrain: Check = {
  ...{ reason: 'split-brain', share: 1 },
  look: ({ topology, split }) => {
    const writable = topology.members.filter((member) => member.writable === true).map(({ name }) => name);
    return when(writable.length > 1 || split === true, `Two servers can be written to: ${listOf(writable)}.`);
  },
};

const paused: Check = {
  ...{ reason: 'paused', share: 1 },
  look: ({ hasPatroni, cluster }) => {
    if (!hasPatroni) return unknown('there is no Patroni');
    if (cluster === undefined) return unknown('Patroni does not tell');
    return when(cluster.pause, 'Automatic failover is paused (patronictl resume takes it up again).');
  },
};

const byHand: Check = {
  ...{ reason: 'by-hand', share: 0.5 },
  look: ({ hasPatroni }) =>
    when(!hasPatroni, 'Nobody takes over by itself: without Patroni a standby is promoted by hand.'),
};

const storeUnavailable: Check = {
  ...{ reason: 'store-unavailable', share: 1 },
  look: ({ etcd, members, config, now, hasPatroni }) => {
    if (etcd?.members.every(({ healthy }) => !healthy) === true)
      return blocked('No member of etcd answers with a quorum.');
    if (members === undefined || members.answered.length === 0) {
      return etcd === undefined ? unknown(hasPatroni ? 'no Patroni answers' : 'there is no Patroni') : clear;
    }
    const failsafe = members.answered.filter(({ answer }) => answer.failsafe_mode_is_active);
    if (failsafe.length > 0) {
      return blocked(`${listOf(failsafe.map(({ member }) => member))} runs in failsafe mode, without the store.`);
    }
    const limit = Math.max(UNSEEN.seconds, UNSEEN.rounds * (config?.loop_wait ?? DEFAULTS.loop_wait));
    const seen = members.answered.flatMap(({ answer }) => answer.dcs_last_seen ?? []);
    const lost = seen.length > 0 && seen.every((at) => now / 1000 - at > limit);
    return when(lost, `No member has reached the store for ${limit} s.`);
  },
};

const noCandidate: Check = {
  ...{ reason: 'no-candidate', share: 1 },
  look: (_, candidates) => {
    const reasons = candidates.map(({ member, why }) => `${member.name} ${why}`);
    if (able(candidates).length > 0) return clear;
    return blocked(reasons.length === 0 ? 'There is no standby.' : `No standby may take over: ${listOf(reasons)}.`);
  },
};

const notSynchronous: Check = {
  ...{ reason: 'not-synchronous', share: 0.5 },
  look: ({ config, topology, hasPatroni }) => {
    if (!hasPatroni) return unknown('without Patroni nobody promises a failover without loss');
    if (config === undefined) return unknown('Patroni’s configuration is not known');
    if (config.synchronous_mode !== true) return clear;
    const listed = topology.members.some(({ role }) => role === 'sync_standby' || role === 'quorum_standby');
    return when(!listed, 'Synchronous mode is on and no standby confirms commits: a failover now may lose some.');
  },
};

const candidateBehind: Check = {
  ...{ reason: 'candidate-behind', share: 0.3 },
  look: (_, candidates) => {
    const lags = able(candidates).map(({ replica }) => replica?.lag ?? null);
    if (lags.length === 0) return unknown('there is no candidate');
    if (lags.every((lag) => lag === null)) return unknown('no lag is known');
    const isNear = lags.some(
      (lag) => lag !== null && (lag.replayBytes ?? 0) <= BEHIND_BYTES && (lag.replaySeconds ?? 0) <= BEHIND_SECONDS,
    );
    return when(!isNear, 'Whoever takes over has much left to replay first.');
  },
};

const memberMissing: Check = {
  ...{ reason: 'member-down', share: 0.2 },
  look: ({ topology }) => {
    const down = topology.members.filter(({ up }) => !up).map(({ name }) => name);
    return when(down.length > 0, `${listOf(down)} should be there and does not run.`);
  },
};

const patroniSilent: Check = {
  ...{ reason: 'patroni-silent', share: 0.3 },
  look: ({ topology, hasPatroni }) => {
    if (!hasPatroni) return unknown('there is no Patroni');
    const silent = topology.members
      .filter(({ up, hasApi, api }) => up && hasApi && api === null)
      .map(({ name }) => name);
    return when(silent.length > 0, `Patroni of ${listOf(silent)} does not answer while its PostgreSQL runs.`);
  },
};

const storeFragile: Check = {
  ...{ reason: 'store-fragile', share: 0.2 },
  look: ({ etcd }) => {
    if (etcd === undefined) return unknown('etcd is not asked (clusters: etcd)');
    const margin = quorumMargin(etcd);
    if (margin === null) return unknown('etcd does not list its members');
    const lost = etcd.members.filter(({ healthy }) => !healthy).map(({ address }) => address);
    return when(
      lost.length > 0 && margin <= 0,
      `Of etcd’s members ${listOf(lost)} is away; with one more the store is.`,
    );
  },
};

const archiveFailing: Check = {
  ...{ reason: 'archive-failing', share: 0.1 },
  look: ({ archive }) => {
    if (archive === undefined) return unknown('the primary does not tell');
    return when(
      isFailing(archive),
      'WAL is not archived: what a lost server leaves behind can’t be restored from there.',
    );
  },
};

const logicalSlots: Check = {
  ...{ reason: 'logical-slots', share: 0.1 },
  look: ({ servers, topology }, candidates) => {
    const own = servers?.answered.find(({ member }) => member === topology.primary)?.row.logical_slots;
    if (own === undefined) return unknown('the primary does not tell');
    const asked = able(candidates).flatMap(({ member }) => member.server ?? []);
    if (own.length === 0 || asked.length === 0) return own.length === 0 ? clear : unknown('no candidate can be asked');
    const lost = own.filter((slot) => !asked.some(({ row }) => row.logical_slots.includes(slot)));
    return when(lost.length > 0, `No candidate has the logical slots ${listOf(lost)}: who reads them loses its place.`);
  },
};

const settingsTooSmall: Check = {
  ...{ reason: 'settings-too-small', share: 0.2 },
  look: ({ settings }) => {
    if (settings === undefined) return unknown('the members’ settings are not known');
    const found = settings.tooSmall.map(({ member, name }) => `${name} of ${member}`);
    return when(found.length > 0, `${listOf(found)} is smaller than on the primary: its replay stops.`);
  },
};

export const checks: readonly Check[] = [
  ...[noPrimary, splitBrain, paused, byHand, storeUnavailable, noCandidate, notSynchronous, candidateBehind],
  ...[memberMissing, patroniSilent, storeFragile, archiveFailing, logicalSlots, settingsTooSmall],
];

export type Readiness = {
  /** 1: a failover now would go well. Each reason takes its share of what the others leave; 0: there would be none. */
  readonly ratio: number;
  readonly blocked: readonly { readonly reason: string; readonly share: number; readonly sentence: string }[];
  readonly clear: readonly string[];
  /** What could not be looked at, and counts as nothing. */
  readonly unknown: readonly { readonly reason: string; readonly why: string }[];
};

export const judge = (known: Known): Readiness => {
  const candidates = candidatesOf(known.topology, known.config);
  const found = checks.map(({ reason, share, look }) => ({ reason, share, ...look(known, candidates) }));
  const stopped = found.flatMap((one) =>
    'blocked' in one && one.blocked !== null ? [{ reason: one.reason, share: one.share, sentence: one.blocked }] : [],
  );
  return {
    ratio: Math.round(stopped.reduce((left, { share }) => left * (1 - share), 1) * 1000) / 1000,
    blocked: stopped,
    clear: found.flatMap((one) => ('blocked' in one && one.blocked === null ? [one.reason] : [])),
    unknown: found.flatMap((one) => ('unknown' in one ? [{ reason: one.reason, why: one.unknown }] : [])),
  };
};
