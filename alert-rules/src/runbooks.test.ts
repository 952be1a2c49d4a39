import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { configSchema } from '@submilli/core';
import { databaseExporter } from '@submilli/database';
import { haExporter } from '@submilli/ha';
import { poolExporter } from '@submilli/pool';
import { queryExporter } from '@submilli/query';
import { problemsOf, series } from '../../catalogue/test/promql';
import { folder, parseRunbook, proseOf, type Runbook, runbookNames, runbooks } from '../test/runbook';
import { alerts, recordings } from './groups';
import { recordedLabels } from './recording';
import { runbookText, sections } from './runbook';
import { site } from './site';

const recorded = new Map(recordings.map((rule) => [rule.record, recordedLabels(rule)] as const));
const alertNames = new Set(alerts.map(({ name }) => name));
const sectionOf = ({ sections: all }: Runbook, title: string): string => all.get(title) ?? '';
const matchesOf = (text: string, pattern: RegExp): readonly string[] =>
  [...text.matchAll(pattern)].map(([, one]) => one ?? '');

/** The paths below /api/v1/ that answer on a port. */
const { listen } = configSchema.parse({});
const apis: ReadonlyMap<string, readonly string[]> = new Map(
  ([databaseExporter, poolExporter, queryExporter, haExporter] as const).map(({ name, resources }) => [
    listen[name]?.split(':').at(-1) ?? name,
    ['status', 'targets', 'recommendations', ...resources.map(({ path }) => path)],
  ]),
);

/** Of what is not ours, as their manuals have them. */
const foreign: Readonly<Record<string, readonly string[]>> = {
  2379: ['/health'],
  5432: [],
  8008: ['/cluster', '/config', '/history', '/patroni', '/primary', '/replica', '/readiness'],
  8009: ['/cluster', '/config', '/history', '/patroni', '/primary', '/replica', '/readiness'],
  9090: ['/-/healthy', '/-/ready', '/-/reload', '/api/v1/alerts', '/api/v1/query', '/api/v1/rules', '/api/v1/targets'],
  9099: ['/-/healthy', '/-/ready', '/api/v2/alerts', '/api/v2/silences', '/api/v2/status'],
};
const everyExporter = ['/', '/metrics', '/probe', '/-/healthy', '/-/ready', '/-/reload'];

const answers = (port: string, path: string): boolean => {
  const own = apis.get(port);
  if (path === '') return own !== undefined || port in foreign;
  if (own === undefined) return foreign[port]?.includes(path) ?? false;
  return everyExporter.includes(path) || own.some((resource) => path === `/api/v1/${resource}`);
};

/** GitHub's anchors. */
const anchorsOf = (path: string): readonly string[] =>
  matchesOf(readFileSync(path, 'utf8'), /^#+ (.*)$/gm).map((heading) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  );

const isDead = (link: string): boolean => {
  if (link.startsWith('http')) return !link.startsWith(site.grafana);
  const [file = '', anchor] = link.split('#');
  const path = join(folder, file);
  return !existsSync(path) || (anchor !== undefined && !anchorsOf(path).includes(anchor));
};

const room = join(folder, '..', '..', 'dashboards');
const dashboards: ReadonlySet<unknown> = new Set(
  readdirSync(room)
    .filter((name) => name.endsWith('.json') && !/^(package|tsconfig)/.test(name))
    .map((name) => (JSON.parse(readFileSync(join(room, name), 'utf8')) as { uid?: string }).uid),
);

describe('the runbooks', () => {
  it('are one for each alert', () => {
    expect(runbookNames()).toEqual([...alertNames].map((name) => `${name}.md`).sort());
  });

  it.each(alerts.map((alert) => [alert.name, alert] as const))(
    'have the head that the alert has now: %s',
    (name, alert) => {
      const text = runbooks.find((runbook) => runbook.name === name)?.text;
      expect(text).toBe(runbookText(alert, text));
    },
  );
});

type Check = readonly [says: string, problemsIn: (runbook: Runbook) => readonly unknown[], broken: string];

const linksIn = (text: string): readonly string[] => matchesOf(text, /\]\(([^)]+)\)/g);
const namesIn = (text: string): readonly string[] =>
  matchesOf(text, /\b((?:Postgres|Database|PgBouncer|Patroni|Submilli)[A-Z]\w+)/g);
/** "17+" is told by 17, "14-16" by 16. */
const wordOf = (mark: string): string => /(\d+)\+?$/.exec(mark)?.[1] ?? mark;

/** What is asked of each runbook, and a piece of text that does not satisfy it. */
const checks: readonly Check[] = [
  [
    'has its sections, in order, and something in each',
    ({ name, title, sections: found }) => [
      ...(title === name ? [] : [`the title is ${title}`]),
      ...([...found.keys()].join() === sections.join() ? [] : [...found.keys()]),
      ...sections.filter((section) => proseOf(found.get(section) ?? '').trim().length <= 40),
    ],
    '## Impact\n\nNone.\n',
  ],
  [
    'has commands to look, and to act, in languages that are proven',
    ({ blocks }) => [
      ...['Diagnosis', 'Mitigation'].filter((part) => !blocks.some(({ section }) => section === part)),
      ...blocks.filter(({ language }) => !['sql', 'promql', 'sh', 'pgbouncer'].includes(language)),
      ...blocks.filter(({ text }) => text.trim() === ''),
    ],
    '## Diagnosis\n\n```\nls\n```\n',
  ],
  [
    'leaves thresholds to its head',
    (runbook) =>
      matchesOf(
        sectionOf(runbook, 'Meaning'),
        /(\d+(?:\.\d+)? ?(?:%|m?s|[KMGT]i?B|seconds?|minutes?|hours?|days?)(?!\w))/g,
      ),
    '## Meaning\n\nMore than 80 % are used.\n',
  ],
  [
    'says what it comes with',
    (runbook) =>
      matchesOf(sectionOf(runbook, 'Diagnosis'), /\]\((\w+)\.md\)/g).some((other) => other !== runbook.name)
        ? []
        : ['alone'],
    '## Diagnosis\n\nLook at [Broken](Broken.md).\n',
  ],
  ['leads nowhere that is not there', ({ text }) => linksIn(text).filter(isDead), '[here](../README.md#nothing)'],
  [
    'names no alert that is not there, and links each under its name',
    ({ text }) => [
      ...namesIn(text).filter((name) => !alertNames.has(name)),
      ...[...text.matchAll(/\[(\w+)\]\((\w+)\.md\)/g)].filter(
        ([, shown = '', linked]) => alertNames.has(shown) && linked !== shown,
      ),
    ],
    'as PostgresAsleep',
  ],
  [
    'names no metric that is not there',
    ({ text }) => matchesOf(text, /(?<![\w:])(db_\w+)/g).filter((name) => !series.has(name)),
    '`db_nothing_total`',
  ],
  [
    'asks Prometheus for nothing that no exporter emits',
    ({ blocks }) =>
      blocks.filter(({ language }) => language === 'promql').flatMap(({ text }) => problemsOf(text, recorded)),
    '```promql\ndb_exporter_up{colour="red"}\n```',
  ],
  [
    'calls no address where nothing answers',
    ({ text }) =>
      [...text.matchAll(/127\.0\.0\.1:(\d+)(\/[\w/-]*)?/g)].filter(
        ([, port = '', path = '']) => port !== new URL(site.grafana).port && !answers(port, path),
      ),
    '`127.0.0.1:9092/api/v1/blocking`',
  ],
  [
    'speaks of no resource that is not there',
    ({ text }) =>
      matchesOf(proseOf(text), /(?<!\d)\/api\/v1\/([\w-]+)/g).filter(
        (path) => ![...apis.values()].flat().includes(path),
      ),
    'see /api/v1/nothing',
  ],
  [
    'says in words what its fences say, which nobody sees',
    ({ blocks }) => blocks.filter(({ marks, before }) => marks.some((mark) => !before.includes(wordOf(mark)))),
    'Ask:\n\n```sql superuser\nSELECT 1;\n```',
  ],
  [
    'leads to a dashboard that is there',
    ({ text }) => matchesOf(text, /\/d\/([\w-]+)/g).filter((name) => !dashboards.has(name)),
    `${site.grafana}/d/nothing`,
  ],
];

describe.each(checks)('a runbook %s', (_, problemsIn, broken) => {
  it.each(runbooks.map((runbook) => [runbook.name, runbook] as const))('%s', (_name, runbook) => {
    expect(problemsIn(runbook)).toEqual([]);
  });

  it('or else it is told', () => {
    expect(problemsIn(parseRunbook('Broken', broken))).not.toEqual([]);
  });
});
