import { createTwoFilesPatch } from 'diff';
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

/** Edits that don't touch each other, from the first on; two that would insert at one place both do. */
const apart = (edits: readonly Edit[]): Edit[] => {
  const kept: Edit[] = [];
  for (const edit of edits.toSorted((a, b) => a.place.start - b.place.start || a.place.end - b.place.end)) {
    const last = kept.at(-1);
    const same =
      last !== undefined &&
      last.place.start === edit.place.start &&
      last.place.end === edit.place.end &&
      last.text === edit.text;
    if (!same && (last === undefined || edit.place.start >= last.place.end)) kept.push(edit);
  }
  return kept;
};

export const applyEdits = (text: string, edits: readonly Edit[]): string =>
  apart(edits).reduceRight(
    (changed, { place, text: now }) => changed.slice(0, place.start) + now + changed.slice(place.end),
    text,
  );

/** What the edits of these findings make of their files, and as unified diffs. */
export const fixesOf = (findings: readonly Finding[]): Fixed[] => {
  const byFile = new Map<Source, Finding[]>();
  for (const finding of findings) {
    const source = finding.edit?.place.source;
    if (source !== undefined) byFile.set(source, [...(byFile.get(source) ?? []), finding]);
  }
  return [...byFile].map(([source, own]) => {
    const text = applyEdits(
      source.text,
      own.flatMap(({ edit }) => edit ?? []),
    );
    const diff = createTwoFilesPatch(source.path, source.path, source.text, text, undefined, undefined, { context: 2 });
    return { source, text, diff: diff.replace(/^=+\n/, ''), rules: [...new Set(own.map(({ rule }) => rule.id))] };
  });
};
