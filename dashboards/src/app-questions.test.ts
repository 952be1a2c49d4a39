import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { metrics } from '@submilli/catalogue';
import { inferLabels } from '../../catalogue/test/labels';
import { problemsOf, series, withoutMacros } from '../../catalogue/test/promql';
import { appQuestions, appVariables, appWithoutData } from '../test/app-questions';

const HOUR = 3_600_000;
const views = [
  { from: 0, to: HOUR, cluster: '', database: '' },
  { from: 0, to: 72 * HOUR, cluster: 'c', database: 'a "quoted" one' },
];
/** Labels of ALERTS, which Prometheus makes itself. */
const OF_ALERTS = ['alertname', 'alertstate'];

const app = join(__dirname, '..', '..', 'grafana-plugin', 'src');
const sources = readdirSync(app, { recursive: true, encoding: 'utf8' })
  .filter((name) => /\.tsx?$/.test(name) && !name.includes('.test.'))
  .map((name) => ({ name, text: readFileSync(join(app, name), 'utf8') }));

describe('the Grafana app', () => {
  it.each(views.flatMap(appQuestions))('asks for nothing that no exporter emits: $from $name', ({ expr }) => {
    expect(problemsOf(expr, undefined, OF_ALERTS)).toEqual([]);
    expect(inferLabels(withoutMacros(expr)).problems).toEqual([]);
  });

  it.each(Object.entries(appVariables))('offers values that are there: %s', (_, query) => {
    const [, selector = '', label = ''] = /^label_values\((.+), (\w+)\)$/.exec(query) ?? [];
    expect(problemsOf(`count by (${label}) (${selector})`)).toEqual([]);
  });

  it('asks from one place, so that this is all it asks', () => {
    const others = sources.filter(({ name }) => !name.endsWith('prometheus/questions.ts'));
    expect(others.length).toBeLessThan(sources.length);
    expect(others.filter(({ text }) => /[`'"][^`'"\n]*\bdb_\w+\{/.test(text)).map(({ name }) => name)).toEqual([]);
    expect(others.filter(({ text }) => /\bexpr: *[`'"]/.test(text)).map(({ name }) => name)).toEqual([]);
  });

  it('names no metric that no exporter emits, in texts and links neither', () => {
    const known = new Set([...Object.keys(metrics), ...series.keys()]);
    const isKnown = (word: string): boolean =>
      known.has(word) || (word.endsWith('_') && [...known].some((name) => name.startsWith(word)));
    const named = sources.flatMap(({ name, text }) =>
      [...text.matchAll(/\bdb_\w+/g)].map(([word]) => ({ name, word })),
    );
    expect(named.length).toBeGreaterThan(50);
    expect(named.filter(({ word }) => !isKnown(word))).toEqual([]);
  });

  it('is excused only from questions that it asks', () => {
    const asked = views.flatMap(appQuestions).map(({ from, name }) => `${from}.${name}`);
    expect(appWithoutData.filter(({ question }) => !asked.includes(question))).toEqual([]);
  });
});
