import { defineRule, type Finding } from '@submilli/core';
import { settings } from '../collectors/settings';
import { topology } from '../derived/topology';
import type { HaFacts } from '../source';
import { run } from './action';

type Inputs = { settings: typeof settings; topology: typeof topology };

/** May hold a password, or the way to one. */
const SECRET = /_command$|passphrase|conninfo/;
const MOST_SHOWN = 20;

export const memberDrift = defineRule<HaFacts, Inputs>({
  name: 'member-drift',
  title: 'Members differ in what decides how they run',
  signal: '`pg_settings` of all members; versions of PostgreSQL and Patroni',
  threshold: 'any difference in settings that need not differ; a smaller limit on a standby is critical',
  inputs: { settings, topology },
  check: ({ settings: { members: compared, differences, tooSmall }, topology: { members } }) => {
    const found: Finding[] = [];
    if (compared.length < 2) return { notEvaluated: 'fewer than two members can be asked for their settings' };
    if (differences.length > 0) found.push(settingsDiffer(differences, tooSmall));
    for (const [what, of] of [
      ['PostgreSQL', ({ server }: (typeof members)[number]) => server?.row.version],
      ['Patroni', ({ api }: (typeof members)[number]) => api?.answer.patroni.version],
    ] as const) {
      const versions = members.flatMap((member) => {
        const version = of(member);
        return version === undefined ? [] : [[member.name, version] as const];
      });
      if (new Set(versions.map(([, version]) => version)).size > 1) found.push(versionsDiffer(what, versions));
    }
    return found;
  },
});

type Differences = { readonly name: string; readonly values: ReadonlyMap<string, string> };
type TooSmall = { readonly member: string; readonly name: string };

const settingsDiffer = (differences: readonly Differences[], tooSmall: readonly TooSmall[]): Finding => {
  const shown = ({ name, values }: Differences) => ({
    label: name,
    value: SECRET.test(name)
      ? 'differs'
      : [...values].map(([member, value]) => `${member}: ${value === '' ? "''" : value}`).join(', '),
    unit: '',
  });
  const [first] = tooSmall;
  return {
    subject: 'settings',
    severity: first === undefined ? 'info' : 'critical',
    title:
      first === undefined
        ? `${differences.length === 1 ? 'A setting differs' : `${differences.length} settings differ`} between members`
        : `${first.name} of ${first.member} is smaller than the primary’s: its replay stops`,
    why:
      first === undefined
        ? 'After a failover the server that takes over behaves differently from the one that everybody is used to.'
        : 'A standby needs at least the primary’s limits to replay its WAL; on PostgreSQL 14 and newer it pauses, and does not start again after that.',
    evidence: differences.slice(0, MOST_SHOWN).map(shown),
    action: run(
      'command',
      '# what shall be the same belongs into the cluster’s configuration, not into that of one member\npatronictl edit-config',
    ),
    impact: {
      ...{ what: 'settings that differ', before: String(differences.length), after: '0', confidence: 'high' },
      measured: 'pg_settings of all members; those that must differ are left out',
    },
  };
};

const versionsDiffer = (what: string, versions: readonly (readonly [string, string])[]): Finding => ({
  subject: what,
  severity: 'info',
  title: `Members run different versions of ${what}`,
  why:
    what === 'Patroni'
      ? 'Versions differ in what they make of timers and in whom they elect: each member goes by its own.'
      : 'A standby should run the newest minor release first and the primary last; a cluster that stays mixed is half an upgrade.',
  evidence: versions.map(([member, version]) => ({ label: member, value: version, unit: '' })),
  action: run('command', '# upgrade the others, standbys first'),
  impact: {
    ...{ what: `versions of ${what}`, before: String(new Set(versions.map(([, v]) => v)).size), after: '1' },
    ...{ confidence: 'high', measured: 'told by the members' },
  },
});
