import { type ClusterTarget, messageOf } from '@submilli/core';
import { z } from 'zod';
import { get, type Tls } from '../../stack/http';
import type { Given } from '../files/read';
import { captured, isDown, type Unread } from './capture';

const member = z.object({
  state: z.string(),
  role: z.string(),
  pending_restart: z.boolean().default(false),
  pause: z.boolean().default(false),
  patroni: z.object({ version: z.string(), scope: z.string(), name: z.string().optional() }),
});
const dynamic = z.record(z.string(), z.unknown());

/** What the members of a cluster say of themselves, and what the store holds for all of them. Never throws. */
export const readPatroni = async (cluster: ClusterTarget, timeoutMs: number): Promise<Given | undefined> => {
  if (cluster.patroni.length === 0) return undefined;
  const { patroni_ca_file: caFile, patroni_cert_file: certFile, patroni_key_file: keyFile } = cluster;
  const client = certFile === undefined || keyFile === undefined ? {} : { certFile, keyFile };
  const tls: Tls | undefined = caFile === undefined ? undefined : { caFile, ...client };
  const asked = async <T>(url: string, answer: z.ZodType<T>): Promise<T> =>
    answer.parse(JSON.parse((await get(url, AbortSignal.timeout(timeoutMs), tls)).text));

  const unread: Unread[] = [];
  const members: Record<string, unknown>[] = [];
  let config: Record<string, unknown> | undefined;
  for (const url of cluster.patroni) {
    try {
      const { patroni, ...state } = await asked(`${url}/patroni`, member);
      members.push({ member: patroni.name ?? url, url, scope: patroni.scope, version: patroni.version, ...state });
      config ??= await asked(`${url}/config`, dynamic);
    } catch (error) {
      const why = error instanceof z.ZodError ? 'it answers with something that is not Patroni’s' : messageOf(error);
      unread.push({ what: `Patroni at ${url}`, why, fix: 'Is it running, and the URL its restapi: connect_address?' });
    }
  }
  const own = { patroni: cluster.name };
  const [first] = unread;
  return members.length === 0 && first !== undefined
    ? captured(cluster.name, { ...own, ...isDown(first.what, first.why, first.fix) })
    : captured(cluster.name, { ...own, ...(config === undefined ? {} : { config }), members, unread });
};
