import { defineRule } from '@submilli/core';
import { etcd } from '../collectors/etcd';
import { config } from '../collectors/config';
import type { HaFacts } from '../source';
import { run } from './action';

export const storeWithoutMajority = defineRule<HaFacts, { etcd: typeof etcd; config: typeof config }>({
  name: 'store-without-majority',
  title: 'The store can’t lose a member',
  signal: 'voting members of etcd',
  threshold: 'one, two, or an even number',
  inputs: { etcd, config },
  check: ({ etcd: { voters }, config: settings }) => {
    if (voters === null) return { notEvaluated: 'etcd does not list its members' };
    const count = voters.length;
    const spare = count - (Math.floor(count / 2) + 1);
    if (count >= 3 && count % 2 === 1) return [];
    const failsafe = settings.failsafe_mode === true;
    return [
      {
        subject: 'etcd',
        severity: count < 3 ? (failsafe ? 'warning' : 'critical') : 'info',
        title:
          count < 3
            ? `etcd has ${count === 1 ? 'one member' : `${count} members`}: when one is lost, nobody is elected any more`
            : `etcd has ${count} members, and may lose no more than ${count - 1} members could`,
        why:
          count < 3
            ? `A majority of ${count} is all of them. ${failsafe ? 'Failsafe mode keeps the present primary going, and no other can take over.' : 'Without failsafe mode the primary steps down, too: the store is a single point of failure for all of the cluster.'}`
            : 'An even number needs a larger majority and tolerates no more losses than one member less.',
        evidence: [
          { label: 'voting members', value: count, unit: '' },
          { label: 'may be lost', value: spare, unit: '' },
          { label: 'failsafe_mode', value: failsafe ? 'on' : 'off', unit: '' },
        ],
        action: run(
          'command',
          '# on hosts of their own, away from the primary’s disk; one after the other\netcdctl member add NAME --peer-urls=https://HOST:2380',
        ),
        impact: {
          ...{
            what: 'members of etcd that may be lost',
            before: String(spare),
            after: String(count < 3 ? 1 : spare + 1),
          },
          ...{ confidence: 'high', measured: 'etcd’s own list of its members' },
        },
      },
    ];
  },
});
