import { defineRule, type Finding } from '@submilli/core';
import { members } from '../collectors/members';
import { compareVersions, isAtLeast } from '../patroni/version';
import type { HaFacts } from '../source';
import { run } from './action';

type Fault = {
  /** The first version that no longer has it. */
  readonly fixed: string;
  readonly severity: Finding['severity'];
  readonly what: string;
};

/** What release notes, source and drills say of versions that are still in use; the gravest first. */
const faults: readonly Fault[] = [
  {
    ...{ fixed: '3.0.3', severity: 'critical' },
    what: 'a primary that hangs and wakes up after another was promoted goes on as leader: acknowledged writes were lost in most such drills, with synchronous mode on',
  },
  {
    ...{ fixed: '3.2.0', severity: 'critical' },
    what: 'Patroni that restarts beside a primary that was replaced drops synchronous_standby_names: commits that waited are acknowledged, and lost',
  },
  {
    ...{ fixed: '3.1.0', severity: 'warning' },
    what: 'at a switchover the leader’s key could be given up before the chosen standby had received everything',
  },
  {
    ...{ fixed: '3.1.1', severity: 'warning' },
    what: 'synchronous mode is never activated if no replica streams when it is turned on',
  },
  {
    ...{ fixed: '3.1.1', severity: 'warning' },
    what: 'a primary that was promoted soon after failsafe mode demotes itself when that ends',
  },
  {
    ...{ fixed: '3.1.2', severity: 'warning' },
    what: 'a failover to an asynchronous standby is possible after synchronous_standby_names was changed by hand',
  },
  {
    ...{ fixed: '3.1.2', severity: 'info' },
    what: 'wal_keep_size with a unit under bootstrap: dcs makes a new cluster lose its whole configuration',
  },
];

const worst = (found: readonly Fault[]): Finding['severity'] =>
  (['critical', 'warning', 'info'] as const).find((severity) => found.some((one) => one.severity === severity)) ??
  'info';

export const patroniVersion = defineRule<HaFacts, { members: typeof members }>({
  name: 'patroni-version',
  title: 'A member runs a version of Patroni with known faults',
  signal: 'version of `GET /patroni`',
  threshold: `before ${
    faults
      .map(({ fixed }) => fixed)
      .sort(compareVersions)
      .at(-1) ?? ''
  }`,
  inputs: { members },
  check: ({ members: { answered } }) => {
    const versions = [...new Set(answered.map(({ answer }) => answer.patroni.version))].sort(compareVersions);
    return versions.flatMap((version): Finding[] => {
      const found = faults.filter(({ fixed }) => !isAtLeast(version, fixed));
      if (found.length === 0) return [];
      const on = answered.filter(({ answer }) => answer.patroni.version === version).map(({ member }) => member);
      const [first] = found;
      return [
        {
          subject: version,
          severity: worst(found),
          title: `Patroni ${version} has ${found.length === 1 ? 'a known fault' : `${found.length} known faults`}`,
          why: `The gravest: ${first?.what ?? ''}. Before an upgrade to 3.2 or newer see what becomes of ttl: it is raised to 20 s.`,
          evidence: [
            { label: 'members', value: on.join(', '), unit: '' },
            ...found.map(({ fixed, what }) => ({ label: `fixed in ${fixed}`, value: what, unit: '' })),
          ],
          action: run(
            'command',
            '# one member after the other, the leader last; PostgreSQL keeps running\nsystemctl restart patroni',
          ),
          impact: {
            ...{ what: 'known faults of the version', before: String(found.length), after: '0', confidence: 'high' },
            measured: 'Patroni’s release notes, and drills (docs/failovers.md)',
          },
        },
      ];
    });
  },
});
