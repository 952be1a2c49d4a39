import { chapters, rules } from './catalogue';
import type { Example, Rule } from './rule';
import { type Report, lint } from './run';
import type { Context } from './scene';

const usual: Context = {
  machine: { memory_mb: 16_384, cores: 8, storage: 'ssd' },
  versions: { pgbouncer: '1.18', postgresql: 15 },
  openFiles: 1024,
};

const lintExample = ({ files, context }: Example): Report =>
  lint(
    // What is included is not given by itself.
    files
      .filter(({ name }) => !name.startsWith('/') && name !== 'extra.conf')
      .map(({ name, kind, text }) => ({ kind, source: { path: name, text } })),
    { ...usual, ...context },
    (path) => {
      const found = files.find(({ name }) => name === path);
      return found === undefined ? undefined : { path, text: found.text };
    },
  );
const foundBy = ({ id }: Rule, example: Example) => lintExample(example).findings.filter(({ rule }) => rule.id === id);

describe.each(rules.map((rule) => [rule.id, rule] as const))('%s', (_, rule) => {
  it('finds what is wrong in its failing example, at a place inside a file', () => {
    const found = foundBy(rule, rule.bad);
    expect(found).not.toHaveLength(0);
    for (const { place, line, column, says } of found) {
      expect(place.start).toBeLessThanOrEqual(place.end);
      expect(place.end).toBeLessThanOrEqual(place.source.text.length);
      expect([line, column].every((one) => one >= 1)).toBe(true);
      expect(says).toMatch(/^[^\n]{5,400}$/);
      expect(says).not.toMatch(/NaN|undefined|\[object/);
    }
  });

  it('has nothing to say of its passing example, which is read as a whole', () => {
    expect(foundBy(rule, rule.good)).toEqual([]);
    expect(lintExample(rule.good).findings.filter(({ rule: { id } }) => id === 'syntax')).toEqual([]);
  });

  it('says what, why, where it is written and what to do', () => {
    for (const text of [rule.title, rule.why, rule.source, rule.fix]) expect(text.length).toBeGreaterThan(5);
    expect(rule.id).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
    expect(rule.why).toMatch(/[.)]$/);
    expect(rule.title).not.toMatch(/\.$/);
    expect(rule.kinds.length).toBeGreaterThan(0);
  });
});

describe('the catalogue', () => {
  it('has no two rules of one name', () => {
    expect(new Set(rules.map(({ id }) => id)).size).toBe(rules.length);
    expect(chapters.every((chapter) => chapter.rules.length > 0)).toBe(true);
  });

  it('offers edits only by rules that are said to, and each of those makes one', () => {
    const edits = rules.filter((rule) => foundBy(rule, rule.bad).some(({ edits }) => edits.length > 0));
    expect(rules.filter((rule) => rule.fixable && !edits.includes(rule)).map(({ id }) => id)).toEqual([]);
    expect(edits.filter((rule) => !rule.fixable).map(({ id }) => id)).toEqual([]);
  });
});
