import { rules } from './catalogue';
import type { Given } from './files/read';
import { openFile } from './files/open';
import { type Place, positionOf, type Reader, type Source } from './parse/place';
import { type Edit, type Rule, severities, type Severity } from './rule';
import type { Context, FileKind, Scene } from './scene';
import { type Suppression, suppressionsOf } from './suppress';

export type Spot = {
  readonly place: Place;
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
};

export type Finding = Spot & {
  readonly rule: Rule;
  readonly severity: Severity;
  readonly says: string;
  readonly see: readonly (Spot & { readonly says: string })[];
  /** What would mend it, all of it together; none where somebody has to think. */
  readonly edits: readonly Edit[];
};

export type Report = {
  /** By file, line and column. */
  readonly findings: readonly Finding[];
  /** What a comment answers for. */
  readonly suppressed: readonly { readonly finding: Finding; readonly reason: string }[];
  readonly files: readonly { readonly path: string; readonly kind: FileKind }[];
};

const spotOf = (place: Place): Spot => {
  const [from, to] = [positionOf(place.source, place.start), positionOf(place.source, place.end)];
  return { place, line: from.line, column: from.column, endLine: to.line, endColumn: to.column };
};

const findingOf = (rule: Rule, hit: ReturnType<Rule['check']>[number]): Finding => ({
  ...spotOf(hit.at),
  ...{ rule, severity: hit.severity ?? rule.severity, says: hit.says, edits: [hit.edit ?? []].flat() },
  see: (hit.see ?? []).map(({ at, says }) => ({ ...spotOf(at), says })),
});

const keyOf = ({ rule, place, says }: Finding): string => [rule.id, place.source.path, place.start, says].join('\0');

const inOrder = (a: Finding, b: Finding): number =>
  a.place.source.path < b.place.source.path
    ? -1
    : a.place.source.path > b.place.source.path
      ? 1
      : a.line - b.line || a.column - b.column || (a.rule.id < b.rule.id ? -1 : a.rule.id > b.rule.id ? 1 : 0);

const ruleNamed = (id: string): Rule | undefined => rules.find((rule) => rule.id === id);

/** Everything that the rules say of these files, together. Pure but for what `read` does for included files. */
export const lint = (given: readonly Given[], context: Context, read: Reader): Report => {
  const sources = new Map<string, Source>(given.map(({ source }) => [source.path, source]));
  const reading: Reader = (path, from) => {
    const source = read(path, from);
    if (source === undefined) return undefined;
    // One text is one source, however often it is included, so that it is mended once.
    const known = sources.get(source.path) ?? source;
    sources.set(source.path, known);
    return known;
  };
  const files = given.map(({ kind, source }) => openFile(kind, source, reading));
  const scene: Scene = { ...context, files };
  const all = new Map<string, Finding>();
  for (const rule of rules) {
    for (const hit of rule.check(scene)) {
      const finding = findingOf(rule, hit);
      all.set(keyOf(finding), finding);
    }
  }
  const suppressions = [...sources.values()].flatMap(suppressionsOf);
  const findings: Finding[] = [];
  const suppressed: Report['suppressed'][number][] = [];
  for (const finding of all.values()) {
    const by = suppressions.find((one) => covers(one, finding));
    if (by === undefined) findings.push(finding);
    else suppressed.push({ finding, reason: by.reason });
  }
  findings.push(...suppressions.flatMap(wrongWith));
  return {
    findings: findings.toSorted(inOrder),
    suppressed: suppressed.toSorted((a, b) => inOrder(a.finding, b.finding)),
    files: given.map(({ kind, source }) => ({ path: source.path, kind })),
  };
};

const covers = ({ place, rules: ids, line, reason }: Suppression, finding: Finding): boolean =>
  place.source.path === finding.place.source.path &&
  (line === undefined || line === finding.line) &&
  reason !== '' &&
  ids.includes(finding.rule.id);

/** What is wrong with a suppression itself. */
const wrongWith = (one: Suppression): Finding[] => {
  const rule = ruleNamed('suppression');
  if (rule === undefined) return [];
  const hit = (says: string): Finding[] => [findingOf(rule, { at: one.place, says })];
  if (one.rules.length === 0) return hit('which rule is to be ignored is not said');
  const unknown = one.rules.filter((id) => ruleNamed(id) === undefined);
  if (unknown.length > 0) return hit(`there is no rule ${unknown.join(', ')}`);
  if (one.reason === '') return hit('there is no reason, so it counts for nothing');
  // One that finds nothing may do so for another machine, or another version.
  return [];
};

export const isAtLeast = (severity: Severity, least: Severity): boolean =>
  severities.indexOf(severity) <= severities.indexOf(least);
