import type { SkipReason } from '../collector/define';
import type { NamedRun } from '../collector/target';
import type { Finding } from './rule';

export const BLIND_SPOT = 'blind-spot';

/** Much is seen without them, and to go without is a fair choice. */
const GOOD_TO_HAVE: readonly SkipReason[] = ['grant', 'configuration', 'version'];

/**
 * What Submilli cannot see on a target although a grant, an extension or a setting would let it: one finding per
 * remedy, with the collectors that it would bring.
 */
export const blindSpots = (runs: readonly NamedRun[]): readonly Finding[] =>
  [...byRemedy(runs)].map(([remedy, blind]) => findingOf(remedy, blind));

type Blind = { readonly name: string; readonly source: string; readonly detail: string; readonly reason: SkipReason };

const byRemedy = (runs: readonly NamedRun[]): ReadonlyMap<string, readonly Blind[]> => {
  const groups = new Map<string, readonly Blind[]>();
  for (const { name, source, run } of runs) {
    // Leaving a collector out on purpose is a choice, not a blind spot.
    if (run.state !== 'skipped' || run.skip.remedy === null || run.skip.reason === 'disabled') continue;
    const { remedy, detail, reason } = run.skip;
    groups.set(remedy, [...(groups.get(remedy) ?? []), { name, source, detail, reason }]);
  }
  return groups;
};

const findingOf = (remedy: string, blind: readonly Blind[]): Finding => ({
  subject: remedy,
  severity: blind.every(({ reason }) => GOOD_TO_HAVE.includes(reason)) ? 'info' : 'warning',
  title: `Let Submilli read ${blind.map(({ source }) => source).join(', ')}`,
  why: blind[0]?.detail ?? '',
  evidence: [{ label: 'collectors that do not run', value: blind.map(({ name }) => name).join(', '), unit: '' }],
  action: {
    kind: /\b(GRANT|CREATE EXTENSION)\b/.test(remedy) ? 'sql' : 'config',
    text: remedy,
    reversible: true,
    lock: null,
    needsRestart: false,
  },
  impact: {
    what: 'collectors that run',
    before: '0',
    after: String(blind.length),
    confidence: 'high',
    measured: 'by planning each collector against the target’s version, role, extensions and privileges',
  },
});
