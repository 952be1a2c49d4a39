import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { configSchema } from '@submilli/core';
import { databaseExporter } from '@submilli/database';
import { haExporter } from '@submilli/ha';
import { poolExporter } from '@submilli/pool';
import { queryExporter } from '@submilli/query';
import { problemsOf, series } from '../../catalogue/test/promql';
import { folder, proseOf, type Runbook, runbookNames, runbooks } from '../test/runbook';
import { alerts, recordings } from './groups';
import { recordedLabels } from './recording';
import { runbookText, sections } from './runbook';
import { site } from './site';

const recorded = new Map(recordings.map((rule) => [rule.record, recordedLabels(rule)] as const));
const alertNames = new Set(alerts.map(({ name }) => name));
const each = it.each(runbooks.map((runbook) => [runbook.name, runbook] as const));
const sectionOf = ({ sections: all }: Runbook, title: string): string => all.get(title) ?? '';
const matchesOf = (text: string, pattern: RegExp): readonly string[] =>
  [...text.matchAll(pattern)].map(([, one]) => one ?? '');

/** The paths below /api/v1/ that answer on a port. */
const { listen } = configSchema.parse({});
const apis: Readonly<Record<string, readonly string[]>> = Object.fromEntries(
  ([databaseExporter, poolExporter, queryExporter, haExporter] as const).map(({ name, resources }) => [
    listen[name]?.split(':').at(-1),
    ['status', 'targets', 'recommendations', ...resources.map(({ path }) => path)],
  ]),
);

/** Of what is not ours, as their manuals have them. */
const foreign: Readonly<Record<string, readonly string[]>> = {
  2379: ['/health'],
  8008: ['/cluster', '/config', '/history', '/patroni', '/primary', '/replica', '/readiness'],
  8009: ['/cluster', '/config', '/history', '/patroni', '/primary', '/replica', '/readiness'],
  9090: ['/-/healthy', '/-/ready', '/-/reload', '/api/v1/alerts', '/api/v1/query', '/api/v1/rules', '/api/v1/targets'],
  9099: ['/-/healthy', '/-/ready', '/api/v2/alerts', '/api/v2/silences', '/api/v2/status'],
};
const everyExporter = ['/', '/metrics', '/probe', '/-/healthy', '/-/ready', '/-/reload'];

const answers = (port: string, path: string): boolean => {
  const own = apis[port];
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

describe('a runbook', () => {
  each('has its sections, in order, and something in each: %s', (name, runbook) => {
    expect(runbook.title).toBe(name);
    expect([...runbook.sections.keys()]).toEqual(sections);
    for (const title of sections) expect(proseOf(sectionOf(runbook, title)).trim().length).toBeGreaterThan(40);
  });

  each('has commands to look, and to act: %s', (_, { blocks }) => {
    for (const part of ['Diagnosis', 'Mitigation']) {
      expect(blocks.filter(({ section }) => section === part).length).toBeGreaterThan(0);
    }
    expect(blocks.filter(({ language }) => !['sql', 'promql', 'sh', 'pgbouncer'].includes(language))).toEqual([]);
    expect(blocks.filter(({ text }) => text.trim() === '')).toEqual([]);
  });

  each('leaves thresholds to its head: %s', (_, runbook) => {
    const meaning = sectionOf(runbook, 'Meaning');
    expect(matchesOf(meaning, /(\d+(?:\.\d+)? ?(?:%|s|ms|[KMGT]i?B|seconds?|minutes?|hours?|days?)(?![\w]))/g)).toEqual(
      [],
    );
  });

  each('says what it comes with: %s', (name, runbook) => {
    const others = matchesOf(sectionOf(runbook, 'Diagnosis'), /\]\((\w+)\.md\)/g).filter((other) => other !== name);
    expect(others).not.toEqual([]);
  });

  each('leads nowhere that is not there: %s', (_, { text }) => {
    expect(matchesOf(text, /\]\(([^)]+)\)/g).filter(isDead)).toEqual([]);
  });

  each('names no alert that is not there: %s', (_, { text }) => {
    const named = matchesOf(text, /\b((?:Postgres|Database|PgBouncer|Patroni|Submilli)[A-Z]\w+)/g);
    expect(named.filter((name) => !alertNames.has(name))).toEqual([]);
    for (const [, shown, linked] of text.matchAll(/\[(\w+)\]\((\w+)\.md\)/g)) {
      if (alertNames.has(shown ?? '')) expect(linked).toBe(shown);
    }
  });

  each('names no metric that is not there: %s', (_, { text }) => {
    const named = matchesOf(text, /(?<![\w:])(db_\w+)/g);
    expect(named.filter((name) => !series.has(name))).toEqual([]);
  });

  each('asks Prometheus for nothing that no exporter emits: %s', (_, { blocks }) => {
    const asked = blocks.filter(({ language }) => language === 'promql');
    expect(asked.flatMap(({ text }) => problemsOf(text, recorded))).toEqual([]);
  });

  each('calls no address where nothing answers: %s', (_, { text }) => {
    const called = [...text.matchAll(/127\.0\.0\.1:(\d+)(\/[\w/-]*)/g)].map(([, port = '', path = '']) => ({
      port,
      path,
    }));
    const grafana = new URL(site.grafana).port;
    expect(called.filter(({ port, path }) => port !== grafana && !answers(port, path))).toEqual([]);
    const spoken = matchesOf(proseOf(text), /(?<!\d)\/api\/v1\/([\w-]+)/g);
    const all = new Set(Object.values(apis).flat());
    expect(spoken.filter((path) => !all.has(path))).toEqual([]);
  });

  each('says in words what its fences say, which nobody sees: %s', (_, { blocks }) => {
    // "17+" is told by 17, "14-16" by 16.
    const wordOf = (mark: string): string => /(\d+)\+?$/.exec(mark)?.[1] ?? mark;
    const unsaid = blocks.filter(({ marks, before }) => marks.some((mark) => !before.includes(wordOf(mark))));
    expect(unsaid.map(({ line, marks, before }) => ({ line, marks, before }))).toEqual([]);
  });

  each('leads to a dashboard that is there: %s', (_, { text }) => {
    for (const name of matchesOf(text, /\/d\/([\w-]+)/g)) {
      const dashboard = JSON.parse(
        readFileSync(join(folder, '..', '..', 'dashboards', `${name}.json`), 'utf8'),
      ) as unknown;
      expect(dashboard).toMatchObject({ uid: name });
    }
  });
});
