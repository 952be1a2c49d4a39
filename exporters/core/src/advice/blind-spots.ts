import { createHash } from 'node:crypto';
import type { Recommendation, RecommendationsAnswer } from '../api/recommendations';
import type { CollectorStatus, TargetStatus } from '../api/status';

const RULE = 'blind-spot';

/** When each finding was first seen, in milliseconds since the epoch; kept by whoever asks. */
export type FirstSeen = ReadonlyMap<string, number>;

export type Advice = { readonly answer: RecommendationsAnswer; readonly firstSeen: FirstSeen };

/**
 * What Submilli cannot see on a target although a grant, an extension or a setting would let it: one recommendation
 * per remedy, with the collectors that it would bring. A target that is down, or not scraped yet, is not evaluated.
 */
export const blindSpots = (targets: readonly TargetStatus[], before: FirstSeen, now: number): Advice => {
  const up = targets.filter((target) => target.up);
  const found = up.flatMap((target) =>
    [...byRemedy(target.collectors)].map(([remedy, blind]) => ({
      target,
      remedy,
      blind,
      id: idOf(target.name, remedy),
    })),
  );
  const firstSeen = new Map(found.map(({ id }) => [id, before.get(id) ?? now]));
  return {
    firstSeen,
    answer: {
      recommendations: found.map(({ target, remedy, blind, id }) =>
        recommendationOf(target.name, remedy, blind, { id, first: firstSeen.get(id) ?? now, last: now }),
      ),
      evaluated: up.map((target) => ({ rule: RULE, target: target.name })),
      notEvaluated: targets
        .filter((target) => !target.up)
        .map((target) => ({ rule: RULE, target: target.name, reason: target.reason ?? 'not scraped yet' })),
    },
  };
};

const byRemedy = (collectors: readonly CollectorStatus[]): Map<string, CollectorStatus[]> => {
  const groups = new Map<string, CollectorStatus[]>();
  for (const collector of collectors) {
    // Leaving a collector out on purpose is a choice, not a blind spot.
    if (collector.state !== 'skipped' || collector.remedy === null || collector.reason === 'disabled') continue;
    groups.set(collector.remedy, [...(groups.get(collector.remedy) ?? []), collector]);
  }
  return groups;
};

const idOf = (target: string, remedy: string): string =>
  createHash('sha256').update(`${RULE}\0${target}\0${remedy}`).digest('hex').slice(0, 16);

const recommendationOf = (
  target: string,
  remedy: string,
  blind: readonly CollectorStatus[],
  seen: { readonly id: string; readonly first: number; readonly last: number },
): Recommendation => ({
  id: seen.id,
  rule: RULE,
  severity: 'warning',
  target,
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
  firstSeen: new Date(seen.first).toISOString(),
  lastSeen: new Date(seen.last).toISOString(),
  docs: 'README.md#watch-your-own-cluster',
});
