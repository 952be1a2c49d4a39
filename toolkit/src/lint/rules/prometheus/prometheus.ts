import { topOf } from '../../parse/place';
import { at, spot, type Tree } from '../../parse/yaml';
import { example, type Hit, type Rule } from '../../rule';
import { filesOf } from '../../scene';

const UNITS: Readonly<Record<string, number>> = {
  ms: 1e-3,
  s: 1,
  m: 60,
  h: 3600,
  d: 86_400,
  w: 604_800,
  y: 31_536_000,
};

/** A duration as Prometheus writes it: 1m30s. */
export const durationOf = (text: string | undefined): number | undefined => {
  if (text === undefined || !/^(\d+(ms|[smhdwy]))+$/.test(text)) return undefined;
  return [...text.matchAll(/(\d+)(ms|[smhdwy])/g)].reduce(
    (sum, [, n = '', unit = '']) => sum + Number(n) * (UNITS[unit] ?? 0),
    0,
  );
};

type Pace = { readonly interval: number; readonly timeout: number; readonly at: Tree | undefined };

/** How often, and for how long, the global section and each job asks. */
export const pacesOf = (root: Tree): readonly Pace[] => {
  const read = (tree: Tree | undefined, base: { interval: number; timeout: number }): Pace => {
    const [interval, timeout] = [at(tree, 'scrape_interval'), at(tree, 'scrape_timeout')];
    const every = durationOf(interval?.text) ?? base.interval;
    return {
      interval: every,
      timeout: durationOf(timeout?.text) ?? Math.min(base.timeout, every),
      at: timeout ?? interval,
    };
  };
  const all = read(at(root, 'global'), { interval: 60, timeout: 10 });
  return [
    all,
    ...(at(root, 'scrape_configs')?.items ?? []).map((job) => read(job, all)).filter((pace) => pace.at !== undefined),
  ];
};

const prometheus = (text: string) => example({ prometheus: `${text}\n` });

export const prometheusRules: readonly Rule[] = [
  {
    id: 'prometheus-timeout',
    title: 'Prometheus does not start: a scrape may take longer than its interval',
    ...{ severity: 'error', kinds: ['prometheus'], fixable: false },
    source: 'Prometheus, Configuration: scrape_timeout, "Must be lower than or equal to the scrape interval"',
    why: 'Prometheus refuses the file; at a reload the old one goes on.',
    fix: 'scrape_timeout below scrape_interval.',
    bad: prometheus('global:\n  scrape_interval: 5s\n  scrape_timeout: 10s'),
    good: prometheus('global:\n  scrape_interval: 5s\n  scrape_timeout: 4s'),
    check: (scene) =>
      filesOf(scene, 'prometheus').flatMap(({ root }) =>
        pacesOf(root).flatMap(({ interval, timeout, at: where }): Hit[] =>
          timeout > interval && where !== undefined
            ? [{ at: spot(where), says: `a scrape may take ${timeout} s, and the next comes after ${interval} s` }]
            : [],
        ),
      ),
  },
  {
    id: 'prometheus-slow-scrapes',
    title: 'What lasts seconds is not seen',
    ...{ severity: 'info', kinds: ['prometheus'], fixable: false },
    source: 'Prometheus, Configuration: scrape_interval',
    why: 'A failover takes seconds; alerts and rates look at two scrapes at least. The default is one a minute.',
    fix: 'scrape_interval: 5s for the exporters (their cost is published: db_exporter_database_seconds_total).',
    bad: prometheus('global:\n  scrape_interval: 1m'),
    good: prometheus('global:\n  scrape_interval: 5s\n  evaluation_interval: 5s'),
    check: (scene) =>
      filesOf(scene, 'prometheus').flatMap(({ root }): Hit[] => {
        const [all] = pacesOf(root);
        const where = at(root, 'global', 'scrape_interval') ?? at(root, 'global');
        return all !== undefined && all.interval > 15 && where !== undefined
          ? [{ at: spot(where), says: `a scrape every ${all.interval} s` }]
          : [];
      }),
  },
  {
    id: 'prometheus-nobody-told',
    title: 'Nobody is told',
    ...{ severity: 'warning', kinds: ['prometheus'], fixable: false },
    source: 'Prometheus, Configuration: rule_files, alerting',
    why: 'Without rule_files nothing is ever alerted on, without alertmanagers nobody hears of it.',
    fix: 'rule_files: [rules/*.rules.yml] (those of alert-rules/), and alerting: alertmanagers.',
    bad: prometheus('scrape_configs:\n  - job_name: submilli\n    static_configs: [{targets: [127.0.0.1:9091]}]'),
    good: prometheus(
      'rule_files: [rules/*.rules.yml]\nalerting:\n  alertmanagers:\n    - static_configs: [{targets: [127.0.0.1:9099]}]\nscrape_configs:\n  - job_name: submilli',
    ),
    check: (scene) =>
      filesOf(scene, 'prometheus').flatMap(({ root, source }): Hit[] => {
        if (!root.entries.has('scrape_configs')) return [];
        const missing = [
          ...(root.entries.has('rule_files') ? [] : ['rule_files']),
          ...((at(root, 'alerting', 'alertmanagers')?.items.length ?? 0) > 0 ? [] : ['alerting: alertmanagers']),
        ];
        return missing.length === 0 ? [] : [{ at: topOf(source), says: `there is no ${missing.join(', and no ')}` }];
      }),
  },
  {
    id: 'prometheus-job-twice',
    title: 'Prometheus does not start: two jobs have one name',
    ...{ severity: 'error', kinds: ['prometheus'], fixable: false },
    source: 'Prometheus, Configuration: job_name must be unique across all scrape configurations',
    why: 'Prometheus refuses the file.',
    fix: 'A name for each job.',
    bad: prometheus('scrape_configs:\n  - job_name: db\n  - job_name: db'),
    good: prometheus('scrape_configs:\n  - job_name: db\n  - job_name: pool'),
    check: (scene) =>
      filesOf(scene, 'prometheus').flatMap(({ root }) => {
        const names = (at(root, 'scrape_configs')?.items ?? []).flatMap((job) => at(job, 'job_name') ?? []);
        return names.flatMap((name, i): Hit[] =>
          names.findIndex(({ text }) => text === name.text) < i
            ? [{ at: name.place, says: `a job ${name.text ?? ''} stands above already` }]
            : [],
        );
      }),
  },
];
