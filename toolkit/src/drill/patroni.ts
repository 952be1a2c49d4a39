import { SubmilliError, messageOf } from '@submilli/core';
import { z } from 'zod';
import { ask, get } from '../stack/http';
import type { DrillMember, Topology } from './topology';

const memberState = z.object({
  name: z.string(),
  role: z.string(),
  state: z.string(),
  timeline: z.number().int().optional(),
});

const clusterAnswer = z.object({
  members: z.array(memberState),
  pause: z.boolean().optional(),
  scheduled_switchover: z.unknown().optional(),
});
export type PatroniCluster = z.output<typeof clusterAnswer>;

/** `GET /patroni`, as far as we read it; the same with 503 from a member that does not run. */
const statusAnswer = z.object({
  state: z.string(),
  role: z.string(),
  timeline: z.number().int().optional(),
  sync_standby: z.boolean().optional(),
  pause: z.boolean().optional(),
  /** PostgreSQL has been given a setting that it takes at its next start. */
  pending_restart: z.boolean().default(false),
  patroni: z.object({ version: z.string() }).optional(),
  tags: z.record(z.string(), z.unknown()).optional(),
});
export type PatroniStatus = z.output<typeof statusAnswer>;

const configAnswer = z.looseObject({
  ttl: z.number().default(30),
  loop_wait: z.number().default(10),
  retry_timeout: z.number().default(10),
  primary_start_timeout: z.number().default(300),
  synchronous_mode: z.union([z.boolean(), z.string()]).default(false),
  synchronous_mode_strict: z.boolean().default(false),
  failsafe_mode: z.boolean().default(false),
});
export type PatroniConfig = z.output<typeof configAnswer>;

const READ_MS = 1500;

/** Patroni's REST API, asked with short patience. */
export const patroniOf = ({ members, patroni, tls }: Pick<Topology, 'members' | 'patroni' | 'tls'>) => {
  const authorization = patroni && `Basic ${Buffer.from(`${patroni.user}:${patroni.password}`).toString('base64')}`;

  /** What the first member that answers says. */
  const fromAny = async (path: string): Promise<unknown> => {
    let failure: unknown;
    for (const { restUrl } of members) {
      try {
        return JSON.parse((await get(`${restUrl}${path}`, AbortSignal.timeout(READ_MS), tls)).text);
      } catch (error) {
        failure = error;
      }
    }
    throw new SubmilliError({
      what: `no Patroni answers: ${messageOf(failure)}`,
      where: members.map(({ restUrl }) => restUrl).join(', '),
      cause: failure,
    });
  };

  const tellOne = async (
    { restUrl }: Pick<DrillMember, 'restUrl'>,
    ...[method, path, body, timeoutMs]: [method: 'PATCH' | 'POST', path: string, body: unknown, timeoutMs: number]
  ): Promise<string> => {
    const { status, text } = await ask(`${restUrl}${path}`, AbortSignal.timeout(timeoutMs), {
      ...{ method, body: JSON.stringify(body), tls },
      headers: { 'content-type': 'application/json', ...(authorization === undefined ? {} : { authorization }) },
    });
    if (status === 200 || status === 202) return text;
    throw new SubmilliError({ what: `Patroni refuses ${method} ${path}: ${text.trim()}`, where: restUrl });
  };

  /** Asks the members in turn to do something, `first` at first; what one refuses, another would refuse too. */
  const tell = async (
    method: 'PATCH' | 'POST',
    path: string,
    body: unknown,
    timeoutMs: number,
    first?: string,
  ): Promise<string> => {
    let failure: unknown;
    const rank = ({ name }: DrillMember): number => (name === first ? 0 : 1);
    for (const member of members.toSorted((a, b) => rank(a) - rank(b))) {
      try {
        return await tellOne(member, method, path, body, timeoutMs);
      } catch (error) {
        if (error instanceof SubmilliError) throw error;
        failure = error;
      }
    }
    throw new SubmilliError({ what: `no Patroni answers: ${messageOf(failure)}`, cause: failure });
  };

  return {
    cluster: async (): Promise<PatroniCluster> => clusterAnswer.parse(await fromAny('/cluster')),
    status: async ({ restUrl }: DrillMember, timeoutMs = READ_MS): Promise<PatroniStatus> =>
      statusAnswer.parse(JSON.parse((await get(`${restUrl}/patroni`, AbortSignal.timeout(timeoutMs), tls)).text)),
    config: async (): Promise<PatroniConfig> => configAnswer.parse(await fromAny('/config')),
    /** The configuration as it stands, without defaults. */
    rawConfig: async (): Promise<Record<string, unknown>> =>
      z.record(z.string(), z.unknown()).parse(await fromAny('/config')),
    patchConfig: async (patch: Record<string, unknown>): Promise<void> => {
      await tell('PATCH', '/config', patch, 5000);
    },
    /** Has one member read its file again. */
    reload: async (member: DrillMember): Promise<void> => {
      await tellOne(member, 'POST', '/reload', {}, 5000);
    },
    /** Restarts one member's PostgreSQL; the answer comes when it is up again. Within `seconds` nobody takes its place. */
    restart: async (member: DrillMember, seconds: number): Promise<void> => {
      await tellOne(member, 'POST', '/restart', { timeout: seconds }, (seconds + 5) * 1000);
    },
    /**
     * Asks for it; the answer comes when it is done, which is for who asks to await or not. The leader is asked: it begins
     * at once, while of a request to another member it learns in its next round, up to `loop_wait` later.
     */
    switchover: (leader: string, candidate: string): Promise<string> =>
      tell('POST', '/switchover', { leader, candidate }, 60_000, leader),
  };
};
export type Patroni = ReturnType<typeof patroniOf>;

/** Patroni up to 3.x says "master". */
export const isPrimaryRole = (role: string): boolean => ['master', 'primary', 'leader'].includes(role);

export const leaderOf = async (topology: Topology, patroni: Patroni): Promise<DrillMember> => {
  const { members } = await patroni.cluster();
  const leader = members.find(({ role }) => isPrimaryRole(role));
  const member = topology.members.find(({ name }) => name === leader?.name);
  if (member === undefined) throw new SubmilliError({ what: 'there is no leader', where: topology.cluster });
  return member;
};
