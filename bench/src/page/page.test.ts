import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { example } from './example';
import { benchPage, cellText, durationText } from './page';
import { readRemarks, readResult, readResults } from './results';
import { picturesIn, places } from './write';

const results = readResults(places.results);
const remarks = readRemarks(places.remarks);

describe('the benchmarks of the documentation (else: npm run docs)', () => {
  const files = benchPage(results, remarks);

  it.each(Object.entries(files))('have in %s what the kept figures make', (name, text) => {
    expect(readFileSync(join(places.docs, name), 'utf8')).toBe(text);
  });

  it('have no picture of what is no longer measured', () => {
    expect(picturesIn(places.docs).filter((name) => files[name] === undefined)).toEqual([]);
  });

  it('say why a goal was missed', () => {
    const missed = results.filter(({ goals }) => goals.some(({ met }) => !met)).map(({ part }) => part);
    expect(missed.filter((part) => (remarks[part] ?? '') === '')).toEqual([]);
  });
});

describe('the page of benchmarks', () => {
  const page = benchPage([example, { ...example, part: 'advice', title: 'Advice', plots: [] }], { scale: 'Noise.' });
  const text = page['benchmarks.md'] ?? '';

  it('begins with all goals of all parts, and counts those that were met', () => {
    expect(text).toContain('2 of 4 met.');
    expect(text.match(/\| \*\*missed\*\* \|/g)).toHaveLength(2);
    expect(text.indexOf('2 of 4 met')).toBeLessThan(text.indexOf('## Scale'));
  });

  it('has of each part how it was measured, where, and its tables, with what was not measured as a dash', () => {
    expect(text).toContain('- One process, `submilli serve`, every 15 s.');
    expect(text).toContain('2 processors (A Processor @ 2.0GHz), Node 20.19.2, load average 0.12 before it.');
    expect(text).toContain('| 10 000  | –');
    expect(text).toContain('0.412');
  });

  it('has what people wrote about a part, and nothing where nobody did', () => {
    expect(text.match(/### Read it with care\n\nNoise\./g)).toHaveLength(1);
  });

  it('has no markup from names and titles', () => {
    expect(text).toContain('Memory \\| per target');
    expect(text).toContain('a\\|b');
    expect(text).toContain('who\\_measured');
    expect(text).toContain('&lt;few>');
  });

  it('has a picture of each plot that has points', () => {
    expect(Object.keys(page).filter((name) => name.endsWith('.svg'))).toEqual(
      ['targets', 'one', 'quantiles', 'long-names', 'groups'].map((name) => `images/bench-scale-${name}.svg`),
    );
    expect(text).not.toContain('scale-none');
  });

  it('has pictures that fetch nothing, and no number that is none', () => {
    for (const made of Object.values(page)) expect(made).not.toMatch(/NaN|Infinity|undefined|url\(/);
  });

  it('is there before anything was measured, and says how to', () => {
    const empty = benchPage([], {})['benchmarks.md'];
    expect(empty).toContain('Nothing has been measured yet.');
    expect(empty).toContain('npm run bench');
  });

  it('writes numbers as people read them', () => {
    expect([null, 1234567, 0.000123456, 12.3456, 'x_y'].map(cellText)).toEqual([
      ...['–', '1 234 567', '0.000123', '12.3', 'x\\_y'],
    ]);
    expect([12, 89.6, 372].map(durationText)).toEqual(['12 s', '90 s', '6 min']);
  });
});

describe('pictures of the bench', () => {
  const pictures = benchPage([example], {});
  const marksOf = (name: string): readonly number[] =>
    [...(pictures[`images/bench-scale-${name}.svg`] ?? '').matchAll(/class="tick" x1="([\d.]+)"/g)].map(([, x]) =>
      Number(x),
    );

  it('have a logarithmic axis, with both of its ends marked, where values are wide apart', () => {
    const text = pictures['images/bench-scale-targets.svg'] ?? '';
    for (const mark of ['1', '10', '100', '200']) expect(text).toContain(`text-anchor="middle">${mark}</text>`);
    const [one = 0, three = 0, ten = 0] = marksOf('targets');
    expect(three - one).toBeCloseTo((ten - one) * Math.log10(3), 0);
  });

  it('have quantiles on a linear one', () => {
    const steps = marksOf('quantiles').flatMap((x, i, all) => (i === 0 ? [] : [x - (all[i - 1] ?? 0)]));
    expect(Math.max(...steps) - Math.min(...steps)).toBeLessThan(0.5);
  });

  it('show a single point', () => {
    expect(pictures['images/bench-scale-one.svg']).toMatch(/class="dot calm" cx="[\d.]+" cy="[\d.]+"/);
  });
});

describe('a result that was kept', () => {
  const folder = mkdtempSync(join(tmpdir(), 'submilli-bench-'));
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });
  const kept = (value: unknown): string => {
    const file = join(folder, 'scale.json');
    writeFileSync(file, JSON.stringify(value));
    return file;
  };

  it('is read as it was written', () => {
    expect(readResult(kept(example))).toEqual(example);
  });

  it('is refused with its place where it is not whole', () => {
    expect(() => readResult(kept({ ...example, goals: [{ what: 'x' }] }))).toThrow(/scale\.json[^]*goals/);
    const [table] = example.tables;
    const narrow = { ...example, tables: [{ ...table, rows: [[1]] }] };
    expect(() => readResult(kept(narrow))).toThrow(/as many cells/);
  });

  it('is absent where nothing was measured yet', () => {
    expect(readResults(join(folder, 'none'))).toEqual([]);
  });
});
