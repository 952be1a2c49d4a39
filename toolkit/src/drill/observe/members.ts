import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { ask } from '../ask';
import { timelineOfWal } from '../table';
import type { DrillMember, Login } from '../topology';
import type { Role, Sighting } from './segments';

/** What a look at a member asks: whether it takes writes, on which timeline, and for whom its commits wait. */
const lookSql = `SELECT CASE WHEN pg_catalog.pg_is_in_recovery() THEN NULL
                   ELSE pg_catalog.pg_walfile_name(pg_catalog.pg_current_wal_lsn()) END AS wal,
                 pg_catalog.current_setting('synchronous_standby_names') AS names`;

const EVERY_MS = 50;
const CONNECT_MS = 500;
const ANSWER_MS = 300;

export type Observer = { readonly stop: () => Promise<void> };

export type LookedAt = {
  readonly member: DrillMember;
  readonly login: Login;
  readonly now: () => number;
  readonly saw: (sighting: Sighting) => void;
  /** Told when `synchronous_standby_names` changes: emptied, it releases the commits that wait. */
  readonly event: (who: string, what: string) => void;
};

/** Looks at one member over a connection of its own, until stopped. */
export const observeMember = ({ member, login, now, saw, event }: LookedAt): Observer => {
  let stopped = false;
  let client: Client | undefined;
  let names: string | undefined;

  const connect = async (): Promise<Client> => {
    const { host, port, ssl } = member;
    const own = new Client({
      ...{ host, port, ssl, ...login, application_name: 'submilli/drill', connectionTimeoutMillis: CONNECT_MS },
    });
    own.on('error', () => undefined); // the next look tells
    try {
      await own.connect();
      return own;
    } catch (error) {
      own.connection.stream.destroy();
      throw error;
    }
  };

  const look = async (): Promise<{ role: Role; timeline: number | null }> => {
    try {
      client ??= await connect();
      const [row] = await ask<{ wal: string | null; names: string }>(client, lookSql, ANSWER_MS);
      if (row === undefined) return { role: 'silent', timeline: null };
      if (names !== undefined && names !== row.names) {
        event(member.name, `synchronous_standby_names: ${row.names === '' ? 'none' : row.names}`);
      }
      names = row.names;
      return row.wal === null
        ? { role: 'standby', timeline: null }
        : { role: 'primary', timeline: timelineOfWal(row.wal) };
    } catch (error) {
      client?.connection.stream.destroy();
      client = undefined;
      return { role: isSilence(error) ? 'silent' : 'down', timeline: null };
    }
  };

  const loop = async (): Promise<void> => {
    while (!stopped) {
      const seen = await look();
      saw({ at: now(), member: member.name, ...seen });
      await sleep(EVERY_MS);
    }
  };
  const looping = loop();
  return {
    stop: async () => {
      stopped = true;
      await looping;
      client?.connection.stream.destroy();
    },
  };
};

const isSilence = (error: unknown): boolean =>
  error instanceof Error && /timeout|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH/.test(error.message);
