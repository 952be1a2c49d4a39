import type { ReferenceSettings } from '@submilli/core';
import type { Machine, Sessions } from './sizing';
import type { EtcdMember, Member, Pool, Topology } from './topology';

/** Whose passwords the rendered files hold. */
export type PasswordOf = 'superuser' | 'rewind' | 'patroni' | 'repo1' | 'repo2';

/** Everything the files of a cluster are rendered from. */
export type ClusterSpec = {
  /** Patroni's scope. */
  readonly scope: string;
  /** The application's database and role. */
  readonly database: string;
  readonly application: string;
  readonly topology: Topology;
  /** The smallest of the members' machines. */
  readonly machine: Machine;
  /** That a pool or a proxy takes; more would only wait there. */
  readonly maxClients: number;
  readonly versions: { readonly postgresql: number; readonly patroni: string };
  readonly places: Places;
  readonly password: (of: PasswordOf) => string;
  /** In place of what is computed. */
  readonly settings?: ReferenceSettings;
  /** What Patroni runs when a member becomes primary or standby; none by default. */
  readonly onRoleChange?: (member: Member) => string;
  /** Where WAL is archived and backups are kept; none by default. */
  readonly backup?: BackupSpec | undefined;
};

/** Backups by pgBackRest, of one cluster. */
export type BackupSpec = {
  readonly stanza: string;
  readonly program: string;
  /** Its configuration file, of a member. */
  readonly config: (member: Member) => string;
  /** A folder of a member's own: WAL on its way, and locks. */
  readonly dir: (member: Member) => string;
  readonly repositories: readonly [RepositoryPlace, RepositoryPlace];
  readonly retention: { readonly by: 'time' | 'count'; readonly full: number };
  /** WAL that may wait for a repository; beyond it, it is dropped. */
  readonly queueMegabytes: number;
};

/** A folder, or one in an object store. */
export type RepositoryPlace = {
  readonly path: string;
  readonly s3?: { readonly endpoint: string; readonly bucket: string; readonly region: string } | undefined;
};

/** Where things are on the machines. */
export type Places = {
  readonly certs: string;
  readonly binDir: string;
  readonly dataDir: (member: Member) => string;
  readonly logDir: (member: Member) => string;
  readonly pgpass: (member: Member) => string;
  readonly etcdDir: (member: EtcdMember) => string;
  readonly poolDir: (pool: Pool) => string;
};

/** Roles that come through a pool: the application, and the canary. */
const POOLED_ROLES = 2;

export const sessionsOf = ({ topology }: ClusterSpec): Sessions => ({
  pools: topology.pools.length,
  pooledRoles: POOLED_ROLES,
});
