import { defineCollector, type Env, gauge, Problem } from '@submilli/core';
import type { MemberState } from '../patroni/members';
import type { MemberAnswer } from '../patroni/schema';
import type { ClusterSession } from '../session/cluster-session';
import type { HaFacts } from '../source';

/** What a member says of itself, under its name in the cluster. */
export type NamedMember = { readonly member: string; readonly address: string; readonly answer: MemberAnswer };

export type MembersData = {
  readonly answered: readonly NamedMember[];
  /** Those that did not, with the reason. */
  readonly silent: readonly { readonly member: string; readonly address: string; readonly problem: Problem }[];
};

export const members = defineCollector({
  name: 'members',
  source: 'Patroni GET /patroni',
  needs: { configured: 'patroni' },
  metrics: {
    api: gauge('db_ha_api_up', 'Whether Patroni’s REST API at this address answered (1) or not (0).', ['address']),
    info: gauge('db_ha_member_info', 'Always 1; versions that the member runs.', [
      'member',
      'patroni_version',
      'server_version',
    ]),
    dcsSeen: gauge('db_ha_dcs_last_seen_timestamp_seconds', 'When the member last reached the configuration store.', [
      'member',
    ]),
    failsafe: gauge('db_ha_failsafe_active', 'Whether the member runs in failsafe mode, without etcd.', ['member']),
    watchdog: gauge(
      'db_ha_watchdog_failed',
      'Whether the watchdog that the member requires can’t be used (1): it will then not be promoted.',
      ['member'],
    ),
  },
  read: (session: ClusterSession, { facts }: Env<HaFacts>): Promise<MembersData> => {
    const nameOf = ({ address }: MemberState): string =>
      session.nodes().find(({ api }) => api === address)?.name ?? address;
    return Promise.resolve({
      answered: facts.members.flatMap((state) =>
        state.answer instanceof Problem
          ? []
          : [{ member: nameOf(state), address: state.address, answer: state.answer }],
      ),
      silent: facts.members.flatMap((state) =>
        state.answer instanceof Problem
          ? [{ member: nameOf(state), address: state.address, problem: state.answer }]
          : [],
      ),
    });
  },
  publish: ({ answered, silent }: MembersData, m) => [
    ...silent.map(({ address }) => m.api({ address }, 0)),
    ...answered.flatMap(({ member, address, answer }) => [
      m.api({ address }, 1),
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
      m.watchdog({ member }, Number(answer.watchdog_failed)),
    ]),
  ],
});
