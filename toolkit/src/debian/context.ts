import type { Account } from '@submilli/local-postgres';
import type { Topology } from '../cluster/topology';
import type { Layout } from '../stack/layout';
import type { Binaries } from './binaries';

/** What every part of the Debian plan is made from. */
export type DebianContext = {
  readonly layout: Layout;
  readonly binaries: Binaries;
  readonly topology: Topology;
  /** Who runs the services: `postgres` when we are root. */
  readonly account: Account | undefined;
};
