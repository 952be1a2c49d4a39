import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { adviceMetrics, selfMetrics } from '@submilli/core';
import { exporters } from '../exporters';
import { metricsPage, partsOf } from './metrics-page';

const root = join(__dirname, '..', '..', '..');

const parts = exporters.flatMap(({ registry }) => partsOf(registry));
const declared = parts.flatMap(({ metrics }) => Object.values(metrics));
const known = new Set(
  [...declared, ...Object.values(selfMetrics), ...Object.values(adviceMetrics)].map(({ name }) => name),
);

describe('the declared metrics', () => {
  it('are what docs/metrics.md says (else: npm run docs)', () => {
    expect(readFileSync(join(root, 'docs', 'metrics.md'), 'utf8')).toBe(metricsPage(exporters));
  });

  it('include the eight promised names', () => {
    const promised = [
      'db_buffer_hit_ratio_percent',
      'db_connection_utilization_percent',
      'db_connections_total',
      'db_performance_score',
      'db_queries_per_second',
      'db_query_duration_seconds',
      'db_replication_lag_bytes',
      'db_replication_lag_seconds',
    ];
    const legacy = declared.filter((metric) => metric.legacy).map(({ name }) => name);
    expect([...new Set(legacy)].sort()).toEqual(promised);
  });

  it('have another exporter’s name only in a part that is there only with that exporter’s view', () => {
    for (const { name, needs, metrics } of parts) {
      for (const metric of Object.values(metrics)) {
        const allowed = [null, needs?.view];
        expect({ name, metric: metric.name, allowed: allowed.includes(metric.view) }).toMatchObject({ allowed: true });
        expect(metric.help).toMatch(/\.$/);
      }
    }
  });

  it('follow the naming rules, promised names and those of other exporters aside', () => {
    for (const { name, type, labels, help } of declared.filter((metric) => !metric.legacy && metric.view === null)) {
      expect(name).toMatch(/^db_[a-z0-9_]+$/);
      expect({ name, counter: type === 'counter' }).toEqual({ name, counter: name.endsWith('_total') });
      expect(name).not.toMatch(/_(ms|milliseconds|microseconds|percent|kb|mb)(_|$)/);
      for (const label of labels) expect(label).toMatch(/^(?!le$|quantile$|type$|cluster$|instance$|env$|__)[a-z_]+$/);
      expect(help).toMatch(/\.$/);
    }
  });

  it('say the same wherever a name is declared twice', () => {
    const byName = new Map<string, string>();
    for (const { name, type, labels, help } of declared) {
      const said = JSON.stringify({ type, labels, help });
      expect(byName.get(name) ?? said).toBe(said);
      byName.set(name, said);
    }
  });

  it('are the only db_ names that documents, rules and compose files mention', () => {
    const files = execFileSync('git', ['ls-files', '*.md', '*.yml', '*.json', ':!CHANGELOG.md'], { cwd: root })
      .toString()
      .split('\n')
      .filter((file) => file !== '' && !file.endsWith('package-lock.json'));
    const suffix = /_(sum|count|bucket)$/;
    for (const file of files) {
      for (const [name] of readFileSync(join(root, file), 'utf8').matchAll(/\bdb_[a-z0-9_]+[a-z0-9]\b(?![*{]?_)/g)) {
        // A recorded rate has the name of its counter without _total.
        const forms = [name, name.replace(suffix, ''), `${name}_total`];
        expect({ file, name, known: forms.some((form) => known.has(form)) }).toEqual({ file, name, known: true });
      }
    }
  });

  it('come from collectors whose names are unique within an exporter', () => {
    for (const { registry } of exporters) {
      const names = partsOf(registry).map(({ name }) => name);
      expect(new Set(names).size).toBe(names.length);
    }
  });
});
