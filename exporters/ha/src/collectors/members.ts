import { defineCollector, type Deadline, type Env, gauge, Problem } from '@submilli/core';
import { getJson } from '../patroni/http';
import { type MemberAnswer, memberAnswer } from '../patroni/schema';
import type { ClusterSession } from '../session/cluster-session';
import type { HaFacts } from '../source';

export type MemberState = {
  readonly address: string;
  /** As Patroni names it; the address where that can't be told. */
  readonly member: string;
  /** Nothing when its REST API did not answer as it should. */
  readonly answer: MemberAnswer | undefined;
};

/** "master" until Patroni 3, "primary" since. */
const isPrimary = ({ answer }: MemberState): boolean =>
  answer !== undefined && ['master', 'primary'].includes(answer.role) && answer.state === 'running';

export const members = defineCollector({
  name: 'members',
  source: 'Patroni GET /patroni',
  needs: { configured: 'patroni' },
  metrics: {
    api: gauge('db_ha_api_up', 'Whether Patroni’s REST API at this address answered (1) or not (0).', ['address']),
    primaries: gauge(
      'db_ha_primaries',
      'Members that say of themselves that they are a running primary; more than 1 is split brain.',
    ),
    info: gauge('db_ha_member_info', 'Always 1; versions that the member runs.', [
      'member',
      'patroni_version',
      'server_version',
    ]),
    dcsSeen: gauge('db_ha_dcs_last_seen_timestamp_seconds', 'When the member last reached the configuration store.', [
      'member',
    ]),
    failsafe: gauge('db_ha_failsafe_active', 'Whether the member runs in failsafe mode, without etcd.', ['member']),
  },
  read: (session: ClusterSession, { facts }: Env<HaFacts>, deadline: Deadline): Promise<MemberState[]> =>
    Promise.all(
      session.endpoints.map(async (endpoint) => {
        const known = facts.cluster instanceof Problem ? [] : facts.cluster.members;
        const listed = known.find(({ api_url }) => api_url !== undefined && new URL(api_url).host === endpoint.address);
        const answer = await getJson(endpoint, '/patroni', deadline).then(
          (json) => memberAnswer.safeParse(json).data,
          () => undefined,
        );
        const member = answer?.patroni.name ?? listed?.name ?? endpoint.address;
        return { address: endpoint.address, member, answer };
      }),
    ),
  publish: (states: readonly MemberState[], m) => [
    m.primaries({}, states.some(({ answer }) => answer !== undefined) ? states.filter(isPrimary).length : null),
    ...states.flatMap(({ address, member, answer }) => [
      m.api({ address }, answer === undefined ? 0 : 1),
      ...(answer === undefined
        ? []
        : [
            m.info(
              {
                member,
                patroni_version: answer.patroni.version,
                server_version: answer.server_version === undefined ? '' : String(answer.server_version),
              },
              1,
            ),
            m.dcsSeen({ member }, answer.dcs_last_seen ?? null),
            m.failsafe({ member }, Number(answer.failsafe_mode_is_active)),
          ]),
    ]),
  ],
});
