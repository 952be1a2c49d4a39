import {
  type Clock,
  connectSql,
  type Deadline,
  deadlineIn,
  type Opened,
  Problem,
  type SqlAddress,
  type SqlLimits,
  type SqlSession,
} from '@submilli/core';
import { z } from 'zod';
import type { Operation, Path } from './results';

/** How the canary tries one path: over one connection of its own, that is opened again when it broke. */
export type CanarySession = {
  /** Throws a problem; resolves with the seconds that COMMIT took, if there was one. */
  readonly run: (operation: Operation) => Promise<number | null>;
  /** Whether writes are possible there now: never on a standby. */
  readonly mayWrite: () => Promise<boolean>;
  readonly connections: () => { readonly open: number; readonly opened: number };
  readonly close: () => Promise<void>;
};

/** Each path has its own row: two of them must not wait for each other. */
const rowOf: Readonly<Record<Path, number>> = { direct: 1, pool: 2 };

const readSql = (path: Path): string => `SELECT beat FROM submilli.canary WHERE id = ${rowOf[path]}`;
const writeSql = (path: Path): string =>
  `UPDATE submilli.canary SET beat = beat + 1 WHERE id = ${rowOf[path]} RETURNING beat`;
const roleSql = `SELECT pg_catalog.pg_is_in_recovery() OR pg_catalog.current_setting('transaction_read_only')::bool AS closed`;

const roleRow = z.array(z.object({ closed: z.boolean() })).length(1);

const noRow = (path: Path): Problem =>
  new Problem('missing', {
    what: `submilli.canary has no row ${rowOf[path]}`,
    hint: 'Make the table and its rows: submilli setup-role --canary prints the SQL.',
  });

const closed = (): Problem =>
  new Problem('other', { what: 'the server takes no writes: it has become a standby, or read-only' });

export const canarySession = (path: Path, address: SqlAddress, limits: SqlLimits, clock: Clock): CanarySession => {
  let current: Opened<SqlSession> | undefined;
  let opened = 0;
  const leaving = new AbortController();
  /** Of the current connection; another one may lead to another server. */
  let isOpenForWrites = false;
  const deadline = (): Deadline => deadlineIn(limits.statement_ms + limits.connect_ms, clock);

  const session = async (): Promise<SqlSession> => {
    if (current !== undefined && !current.isClosed()) return current.session;
    // As a client would come: without settings of ours, which a pooler would refuse, and which the server's own defaults
    // (a database that was made read-only) must win over.
    const options = { address, limits, applicationName: 'submilli/canary', dialect: 'pgbouncer', clock } as const;
    current = await connectSql({ ...options, signal: leaving.signal }, deadline());
    opened += 1;
    isOpenForWrites = false;
    return current.session;
  };

  const read = async (): Promise<null> => {
    const rows = await (await session()).query(readSql(path), [], deadline());
    if (rows.length === 0) throw noRow(path);
    return null;
  };

  const mayWrite = async (): Promise<boolean> => {
    const own = await session();
    const [row] = roleRow.parse(await own.query(roleSql, [], deadline()));
    isOpenForWrites = row?.closed === false;
    return isOpenForWrites;
  };

  const write = async (): Promise<number> => {
    const own = await session();
    if (!isOpenForWrites && !(await mayWrite())) throw closed();
    await own.query('BEGIN', [], deadline());
    try {
      const rows = await own.query(writeSql(path), [], deadline());
      if (rows.length === 0) throw noRow(path);
      const began = clock.monotonic();
      await own.query('COMMIT', [], deadline());
      return (clock.monotonic() - began) / 1000;
    } catch (error) {
      await own.query('ROLLBACK', [], deadline()).catch(() => current?.close());
      throw error;
    }
  };

  return {
    run: (operation) => (operation === 'read' ? read() : write()),
    mayWrite,
    connections: () => ({ open: current === undefined || current.isClosed() ? 0 : 1, opened }),
    close: async () => {
      const last = current?.close();
      // Whatever is being opened is dropped.
      if (current === undefined || current.isClosed()) leaving.abort();
      await last;
      leaving.abort();
    },
  };
};
