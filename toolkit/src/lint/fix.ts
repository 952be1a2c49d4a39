import { unifiedDiff } from '../stack/diff';
import type { Edit } from './rule';
import type { Source } from './parse/place';
import type { Finding } from './run';

/** A file as it would be. */
export type Fixed = {
  readonly source: Source;
  readonly text: string;
  readonly diff: string;
  readonly rules: readonly string[];
};

/** Edits that don't touch each other, from the first on; of two that are the same, one. */
const apart = (edits: readonly Edit[]): Edit[] => {
  const kept: Edit[] = [];
  for (const edit of edits.toSorted((a, b) => a.place.start - b.place.start || a.place.end - b.place.end)) {
    const isSame = kept.some(
      ({ place, text }) => place.start === edit.place.start && place.end === edit.place.end && text === edit.text,
    );
    if (!isSame && edit.place.start >= (kept.at(-1)?.place.end ?? 0)) kept.push(edit);
  }
  return kept;
};

export const applyEdits = (text: string, edits: readonly Edit[]): string =>
  apart(edits).reduceRight(
    (changed, { place, text: now }) => changed.slice(0, place.start) + now + changed.slice(place.end),
    text,
  );

/** Of two findings that would write different things to one place, the first has its way; the other is found again. */
const agreed = (findings: readonly Finding[]): Finding[] => {
  const kept: Finding[] = [];
  const overlaps = (a: Edit, b: Edit): boolean =>
    a.place.source === b.place.source &&
    a.place.start < b.place.end &&
    b.place.start < a.place.end &&
    a.text !== b.text;
  for (const finding of findings) {
    const clashes = kept.some((other) => other.edits.some((a) => finding.edits.some((b) => overlaps(a, b))));
    if (!clashes && finding.edits.length > 0) kept.push(finding);
  }
  return kept;
};

/** What the edits of these findings make of their files, and as unified diffs. */
export const fixesOf = (findings: readonly Finding[]): Fixed[] => {
  const kept = agreed(findings);
  const sources = new Set(kept.flatMap(({ edits }) => edits.map(({ place }) => place.source)));
  return [...sources].map((source) => {
    const own = kept.filter(({ edits }) => edits.some(({ place }) => place.source === source));
    const edits = own.flatMap((finding) => finding.edits.filter(({ place }) => place.source === source));
    const text = applyEdits(source.text, edits);
    const diff = unifiedDiff(source.path, source.path, source.text, text);
    return { source, text, diff, rules: [...new Set(own.map(({ rule }) => rule.id))] };
  });
};
