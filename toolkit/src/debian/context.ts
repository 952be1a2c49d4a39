import type { Account } from '@submilli/local-postgres';
import type { BackupSpec } from '../cluster/spec';
import type { Topology } from '../cluster/topology';
import type { Layout } from '../stack/layout';
import type { Binaries } from './binaries';
import type { Routes } from './topology';

/** What every part of the Debian plan is made from. */
export type DebianContext = {
  readonly layout: Layout;
  readonly binaries: Binaries;
  readonly topology: Topology;
  /** Only where they are to be compared. */
  readonly routes?: Routes | undefined;
  readonly backup?: BackupSpec | undefined;
  /** Who runs the services: `postgres` when we are root. */
  readonly account: Account | undefined;
};
