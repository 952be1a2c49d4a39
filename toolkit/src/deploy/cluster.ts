import type { DrillMember, Login, Pool } from '../drill/topology';
import type { Tls } from '../stack/http';
import type { LintContext } from './lint';
import type { Machine } from './machine';
import type { ServiceName } from './step';
import type { Wanted } from './wanted';

export type DeployPool = Pool & { readonly name: string };

/** The cluster that is deployed to: how to reach all of it, as data. */
export type Access = {
  readonly cluster: string;
  readonly members: readonly DrillMember[];
  readonly pools: readonly DeployPool[];
  readonly etcd: readonly { readonly name: string; readonly healthUrl: string }[];
  readonly patroni: { readonly user: string; readonly password: string };
  /** What Patroni takes changes from. */
  readonly tls: Tls;
  /** Looks, comes as a client through the pool, and asks for a checkpoint. */
  readonly watcher: Login;
  readonly application: Login;
  readonly superuser: Login;
};

export type DeployCluster = Access & {
  readonly machines: ReadonlyMap<string, Machine>;
  readonly wanted: Wanted;
  readonly lintContext: LintContext;
  /** By the means of who started them. */
  readonly services: {
    readonly reload: (service: ServiceName) => Promise<void>;
    readonly restart: (service: ServiceName) => Promise<void>;
  };
  /** Never shown, nor what they stand in. */
  readonly secrets: readonly string[];
  readonly scoreUrl: string;
  /** On machines that others can deploy to as well: a file that says who does. */
  readonly claims: readonly { readonly machine: Machine; readonly path: string }[];
  /** Journals, kept contents and the lock. */
  readonly work: string;
};
