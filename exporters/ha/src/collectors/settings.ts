import { defineCollector, type Deadline, deadlineIn, type Env, gauge, Problem } from '@submilli/core';
import { z } from 'zod';
import type { ClusterSession } from '../session/cluster-session';
import { differing, type Difference, notCompared, tooSmall } from '../settings/compare';
import type { HaFacts } from '../source';

const row = z.object({ name: z.string(), setting: z.string(), unit: z.string() });

const sql = `
  SELECT s.name, s.setting, coalesce(s.unit, '') AS unit
    FROM pg_catalog.pg_settings s
   WHERE s.context <> 'internal' AND s.name <> ALL($1::text[])`;

export type MemberSettings = { readonly member: string; readonly settings: ReadonlyMap<string, string> };

export type SettingsData = {
  readonly members: readonly MemberSettings[];
  /** Those that are not the same on all members that could be asked. */
  readonly differences: readonly Difference[];
  /** Standbys on which a setting is smaller than on the primary, where PostgreSQL stops replay for it. */
  readonly tooSmall: readonly { readonly member: string; readonly name: string }[];
};

/** The members' settings beside each other: whoever is promoted should be what the primary was. */
export const settings = defineCollector({
  name: 'settings',
  source: 'pg_settings',
  needs: { configured: 'postgres', privilege: 'pg_monitor' },
  every: 60,
  metrics: {
    differ: gauge(
      'db_ha_settings_differing',
      'Settings that are not the same on all members (which, in the advice); those that must differ are left out.',
    ),
  },
  read: async (session: ClusterSession, { facts }: Env<HaFacts>, deadline: Deadline): Promise<SettingsData> => {
    const nodes = session.nodes();
    const answering = facts.servers.filter(({ row: seen }) => !(seen instanceof Problem)).map(({ server }) => server);
    const limit = deadlineIn(Math.max(0, deadline.remainingMs() / 2), session.clock);
    const read = async (server: string): Promise<MemberSettings | undefined> => {
      const found = session.servers.find(({ target }) => target.name === server);
      const rows = await found?.use((sqlSession) => sqlSession.query(sql, [notCompared], limit), limit);
      const all = row.array().parse(rows);
      return {
        member: nodes.find((node) => node.server === server)?.name ?? server,
        settings: new Map(all.map(({ name, setting, unit }) => [name, `${setting}${unit === '' ? '' : ` ${unit}`}`])),
      };
    };
    // Of one that just went away the others are still compared.
    const found = await Promise.all(answering.map((server) => read(server).catch(() => undefined)));
    const members = found.flatMap((one) => one ?? []);
    const primary = facts.primary instanceof Problem ? null : facts.primary.name;
    return { members, differences: differing(members), tooSmall: tooSmall(members, primary) };
  },
  publish: ({ members, differences }: SettingsData, m) => [
    m.differ({}, members.length < 2 ? null : differences.length),
  ],
});
