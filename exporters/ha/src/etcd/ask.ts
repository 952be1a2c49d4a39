import { type Clock, type Deadline, type HistogramValue, type Problem, problemFrom } from '@submilli/core';
import { z } from 'zod';
import { type Endpoint, fetchText } from '../http/get';
import { histogramIn, labelsOf, valueIn } from './exposition';

/** One member of etcd as it answers. */
export type EtcdMember = {
  readonly address: string;
  /** Whether it can serve: it knows a leader, a quorum answers through it, and nothing raises an alarm. */
  readonly healthy: boolean;
  /** How long the read through the quorum took that tells so: what Patroni waits for at each round. */
  readonly healthSeconds: number | null;
  readonly status: EtcdStatus | null;
  /** What it tells of itself at /metrics; null if it does not. */
  readonly own: OwnFigures | null;
  readonly problem: Problem | null;
};

export type OwnFigures = {
  readonly fsync: HistogramValue | null;
  readonly commit: HistogramValue | null;
  readonly leaderChanges: number | null;
  readonly heartbeatFailures: number | null;
  readonly quotaBytes: number | null;
  /** Itself and its peers, by number. */
  readonly known: readonly string[];
  readonly status: EtcdStatus | null;
};

const idText = z.union([z.string(), z.number()]).transform(String);
/** 64 bits are written as text. */
const int = z.union([
  z
    .string()
    .regex(/^-?\d{1,20}$/)
    .transform(Number),
  z.number(),
]);

/** `POST /v3/maintenance/status`; zeros are left out of its JSON. */
const statusAnswer = z
  .object({
    header: z.object({ member_id: idText }),
    version: z.string(),
    leader: idText.default('0'),
    dbSize: int.default(0),
    isLearner: z.boolean().default(false),
  })
  .transform(({ header, version, leader, dbSize, isLearner }) => ({
    ...{ id: header.member_id, version, dbBytes: dbSize, isLearner },
    isLeader: leader === header.member_id,
  }));

export type EtcdStatus = z.infer<typeof statusAnswer>;

/** `POST /v3/cluster/member/list` */
const memberList = z.object({
  members: z.array(z.object({ ID: idText, name: z.string().default(''), isLearner: z.boolean().default(false) })),
});

export type Listed = z.infer<typeof memberList>['members'][number];

/** `GET /health`: the word true, as text. */
const healthAnswer = z.object({
  health: z.union([z.string(), z.boolean()]).transform((word) => String(word) === 'true'),
});

const post = { method: 'POST', body: '{}' } as const;
/** A listener for health and metrics only (`listen-metrics-urls`) has nothing else: its /metrics say as much. */
const NOT_THERE = 404;

export const askEtcd = async (endpoint: Endpoint, deadline: Deadline, clock: Clock): Promise<EtcdMember> => {
  const { address } = endpoint;
  const begun = clock.monotonic();
  let problem: Problem | null = null;
  const trouble = (error: unknown): null => {
    problem ??= problemFrom(error, `etcd ${address}`);
    return null;
  };
  const health = fetchText(endpoint, { path: '/health' }, deadline)
    .then(({ text }) => ({ ...healthAnswer.parse(JSON.parse(text)), seconds: (clock.monotonic() - begun) / 1000 }))
    .catch(trouble);
  const status = fetchText(endpoint, { path: '/v3/maintenance/status', ...post }, deadline)
    .then(({ status: code, text }) => (code === NOT_THERE ? null : statusAnswer.parse(JSON.parse(text))))
    .catch(trouble);
  const own = fetchText(endpoint, { path: '/metrics' }, deadline)
    .then(({ status: code, text }) => (code === 200 ? figuresIn(text) : null))
    .catch(() => null);
  const [seen, told, figures] = await Promise.all([health, status, own]);
  return {
    ...{ address, healthy: seen?.health === true, healthSeconds: seen?.health === true ? seen.seconds : null },
    ...{ status: told ?? figures?.status ?? null, own: figures, problem },
  };
};

const figuresIn = (text: string): OwnFigures => ({
  fsync: histogramIn(text, 'etcd_disk_wal_fsync_duration_seconds'),
  commit: histogramIn(text, 'etcd_disk_backend_commit_duration_seconds'),
  leaderChanges: valueIn(text, 'etcd_server_leader_changes_seen_total'),
  heartbeatFailures: valueIn(text, 'etcd_server_heartbeat_send_failures_total'),
  quotaBytes: valueIn(text, 'etcd_server_quota_backend_bytes'),
  known: [
    ...labelsOf(text, 'etcd_server_id', 'server_id'),
    ...labelsOf(text, 'etcd_network_active_peers', 'Remote'),
    ...labelsOf(text, 'etcd_network_peer_sent_failures_total', 'To'),
  ].map(numberOf),
  status: statusIn(text),
});

/** Metrics have members' numbers in base 16, the API in base 10. */
const numberOf = (id: string): string => (/^[0-9a-f]{1,16}$/i.test(id) ? BigInt(`0x${id}`).toString() : id);

const statusIn = (text: string): EtcdStatus | null => {
  const [id] = labelsOf(text, 'etcd_server_id', 'server_id');
  const [version] = labelsOf(text, 'etcd_server_version', 'server_version');
  const dbBytes = valueIn(text, 'etcd_mvcc_db_total_size_in_bytes');
  if (id === undefined || version === undefined || dbBytes === null) return null;
  return {
    ...{ id: numberOf(id), version, dbBytes, isLearner: valueIn(text, 'etcd_server_is_learner') === 1 },
    isLeader: valueIn(text, 'etcd_server_is_leader') === 1,
  };
};

/** Who votes, where nobody may be asked for the list: whom the members that answer know. Null if none tells. */
export const votersKnown = (members: readonly EtcdMember[]): readonly Pick<Listed, 'ID'>[] | null => {
  const known = new Set(members.flatMap(({ own }) => own?.known ?? []));
  for (const { status } of members) if (status?.isLearner === true) known.delete(status.id);
  return known.size === 0 ? null : [...known].map((ID) => ({ ID }));
};

export const listEtcd = async (endpoint: Endpoint, deadline: Deadline): Promise<readonly Listed[]> => {
  const { text } = await fetchText(endpoint, { path: '/v3/cluster/member/list', ...post }, deadline);
  return memberList.parse(JSON.parse(text)).members;
};
