import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { recordings } from '@submilli/alert-rules';
import { metrics } from '@submilli/catalogue';
import { series, targetLabels } from '../../../catalogue/test/promql';
import { checkout } from '../stack/layout';

/** Pages, and what else tells people of metrics. A changelog tells of what was. */
const texts: readonly string[] = [
  ...['README.md', 'CONTRIBUTING.md', 'submilli.yml'],
  ...['docs', 'alert-rules', 'cluster', 'dashboards', 'grafana-plugin'].flatMap((folder) => filesIn(folder)),
].filter((name) => !name.endsWith('CHANGELOG.md'));

function filesIn(folder: string): string[] {
  return readdirSync(join(checkout, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) return ['node_modules', 'dist', 'test', 'src'].includes(entry.name) ? [] : filesIn(path);
    return /\.(md|yml|sql|json)$/.test(entry.name) && entry.name !== 'package-lock.json' ? [path] : [];
  });
}

/** `db_name`, `db_name{label, other="value"}`, `db_prefix_*`. */
const NAMED = /\bdb_\w+(?:\{([^{}]*)\})?/g;

/** Labels by name: of a histogram by itself, and of each of its series. */
const labelsBy = new Map<string, readonly string[]>([
  ...Object.entries(metrics).map(([name, { labels }]) => [name, labels] as const),
  ...[...series].map(([name, { labels }]) => [name, labels] as const),
]);
const recorded = recordings.map(({ record }) => record);

/** Of the project, and of the Grafana app, which has an installation of its own. */
const scripts = new Set(
  ['package.json', 'grafana-plugin/package.json'].flatMap((name) => {
    const { scripts: own } = JSON.parse(readFileSync(join(checkout, name), 'utf8')) as { scripts: object };
    return Object.keys(own);
  }),
);

const problemsOf = (text: string): readonly string[] =>
  [...text.matchAll(NAMED)].flatMap(([found, inside]) => {
    const name = found.replace(/\{.*/s, '');
    const own = labelsBy.get(name);
    if (own === undefined) {
      const isPart =
        (name.endsWith('_') && [...labelsBy.keys()].some((one) => one.startsWith(name))) ||
        recorded.some((one) => one.includes(`:${name}:`));
      return isPart ? [] : [`${name} is no metric`];
    }
    const labels = (inside ?? '').split(',').flatMap((one) => /^\s*([a-z_]+)\s*(?:[=!]|$)/.exec(one)?.[1] ?? []);
    return labels
      .filter((label) => !own.includes(label) && !targetLabels.has(label))
      .map((label) => `${name} has no label ${label}`);
  });

describe('what is written', () => {
  it('is in the files that people read', () => {
    expect(texts).toEqual(
      expect.arrayContaining(['README.md', 'docs/latency.md', 'alert-rules/README.md', 'grafana-plugin/README.md']),
    );
  });

  it.each(texts)('names only metrics that an exporter emits, with labels that they have: %s', (name) => {
    expect(problemsOf(readFileSync(join(checkout, name), 'utf8'))).toEqual([]);
  });

  it.each(texts)('names only scripts that npm has: %s', (name) => {
    const named = [...readFileSync(join(checkout, name), 'utf8').matchAll(/npm run ([a-z][a-z0-9:-]*)/g)];
    expect(named.map(([, script]) => script).filter((script) => !scripts.has(script ?? ''))).toEqual([]);
  });

  it('is told off for what is renamed, and for a label that is not there', () => {
    expect(problemsOf('See `db_conections` and db_connections{datname}.')).toEqual([
      'db_conections is no metric',
      'db_connections has no label datname',
    ]);
    expect(problemsOf('`db_connections{state,database}`, `db_pool_*`, db_locks{mode="x",granted="true"}')).toEqual([]);
  });
});
