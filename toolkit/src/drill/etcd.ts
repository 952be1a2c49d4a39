import { z } from 'zod';
import { ask, get, type Tls } from '../stack/http';
import type { EtcdMember } from './topology';

const base64 = (text: string): string => Buffer.from(text).toString('base64');

const post = async (url: string, body: unknown, tls: Tls | undefined, timeoutMs: number): Promise<unknown> => {
  const headers = { 'content-type': 'application/json' };
  const asked = { method: 'POST', body: JSON.stringify(body), headers, tls };
  return JSON.parse((await ask(url, AbortSignal.timeout(timeoutMs), asked)).text);
};

const ANSWER_MS = 2000;

const rangeAnswer = z.object({
  kvs: z
    .array(
      z.object({
        value: z.string().default(''),
        mod_revision: z.coerce.number(),
        create_revision: z.coerce.number(),
        lease: z.string().optional(),
      }),
    )
    .default([]),
});

/** Who holds the key that makes a member leader, and since which change of it. */
export type LeaderKey = { readonly holder: string; readonly revision: number; readonly created: number };

/** Undefined when nobody holds it. Rejects when that etcd member can't say. */
export const leaderKey = async (
  { url, tls }: EtcdMember,
  dcsPrefix: string,
  timeoutMs: number,
): Promise<LeaderKey | undefined> => {
  const answer = await post(`${url}/v3/kv/range`, { key: base64(`${dcsPrefix}/leader`) }, tls, timeoutMs);
  const [kv] = rangeAnswer.parse(answer).kvs;
  if (kv === undefined) return undefined;
  const holder = Buffer.from(kv.value, 'base64').toString();
  return { holder, revision: kv.mod_revision, created: kv.create_revision };
};

export const isHealthy = async ({ url, tls }: EtcdMember): Promise<boolean> => {
  try {
    const { text } = await get(`${url}/health`, AbortSignal.timeout(ANSWER_MS), tls);
    const { health } = JSON.parse(text) as { health?: unknown };
    return String(health) === 'true';
  } catch {
    return false;
  }
};

const statusAnswer = z.object({
  version: z.string(),
  leader: z.string().default('0'),
  header: z.object({ member_id: z.string() }),
});

/** Its version, and whether it leads. */
export const etcdStatus = async ({ url, tls }: EtcdMember): Promise<{ version: string; leads: boolean }> => {
  const { version, leader, header } = statusAnswer.parse(
    await post(`${url}/v3/maintenance/status`, {}, tls, ANSWER_MS),
  );
  return { version, leads: leader === header.member_id };
};
