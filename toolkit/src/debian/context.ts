import type { Account } from '@submilli/local-postgres';
import type { Layout } from '../stack/layout';
import type { Binaries } from './binaries';

/** What every part of the Debian plan is made from. */
export type DebianContext = {
  readonly layout: Layout;
  readonly binaries: Binaries;
  /** Who runs the services: `postgres` when we are root. */
  readonly account: Account | undefined;
};

export const HOST = '127.0.0.1';

/** The two PostgreSQL members. */
export const members = [
  { name: 'pg1', port: 5432, restPort: 8008, title: 'first PostgreSQL member' },
  { name: 'pg2', port: 5433, restPort: 8009, title: 'second PostgreSQL member' },
] as const;
export type Member = (typeof members)[number];

export const restUrl = (member: Member): string => `http://${HOST}:${member.restPort}`;
