import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { problemsOf } from '../../catalogue/test/promql';
import { secondsOf } from './durations';
import { generated } from './generated';
import { alerts, files, recordings } from './groups';
import { compress } from './proof';
import { recordedLabels } from './recording';

const room = join(__dirname, '..');
const recorded = new Map(recordings.map((rule) => [rule.record, recordedLabels(rule)] as const));
const levels = alerts.flatMap((alert) => alert.levels.map((level) => ({ alert, level })));

describe('the rules', () => {
  it.each([...generated()])('in %s are what the sources say (else: npm run generate)', (name, text) => {
    expect(readFileSync(join(room, name), 'utf8')).toBe(text);
  });

  it('are in no file that nothing generates any more', () => {
    const there = ['.', 'tests', 'grafana'].flatMap((folder) =>
      readdirSync(join(room, folder))
        .filter((name) => (folder === '.' ? /\.rules\.yml$/ : /\.yml$/).test(name))
        .map((name) => (folder === '.' ? name : `${folder}/${name}`)),
    );
    const here = [...generated().keys()].filter((name) => !name.startsWith('..'));
    expect(there.sort()).toEqual(here.sort());
  });

  it.each([
    ...recordings.map(({ record, expr }) => [record, expr]),
    ...levels.map(({ alert, level }) => [alert.name, level.expr]),
  ])('ask for nothing that no exporter emits: %s', (_, expr) => {
    expect(problemsOf(expr ?? '', recorded)).toEqual([]);
  });

  it('are in groups of different names', () => {
    const names = files.flatMap(({ groups }) => groups.map(({ name }) => name));
    expect(new Set(names).size).toBe(names.length);
  });

  it('record under level:metric:operation, the level being the labels that are kept', () => {
    for (const rule of recordings) {
      expect(rule.record).toMatch(/^[a-z_]+:[a-z_]+:[a-z]+(_[a-z]+)*\d*[mhd]?$/);
      expect(rule.expr).toContain(`by (${recordedLabels(rule).join(', ')})`);
    }
  });
});

describe('every alert', () => {
  it('has a name of its own', () => {
    expect(new Set(alerts.map(({ name }) => name)).size).toBe(alerts.length);
  });

  it.each(levels.map(({ alert, level }) => [alert.name, alert, level] as const))(
    'says where and what: %s',
    (_, alert, level) => {
      for (const label of alert.by.filter((name) => name !== 'instance')) {
        expect(`${alert.summary} ${level.description}`).toContain(`$labels.${label}`);
      }
      expect(alert.summary).not.toContain('$value');
      expect(alert.summary.length).toBeLessThan(100);
    },
  );

  it('has a value and a threshold in its text, unless it is about something that is there or not', () => {
    const without = levels
      .filter(({ level }) => !/threshold|told for/.test(level.description))
      .map(({ alert }) => alert.name);
    const states = levels
      .filter(({ level }) => /[=!]= [01]|absent|unless|vector|> 0$/.test(level.expr))
      .map(({ alert }) => alert.name);
    expect(without.filter((name) => !states.includes(name))).toEqual([]);
  });

  it('is critical only if it comes within an hour', () => {
    const late = levels.filter(({ level }) => level.severity === 'critical' && secondsOf(level.for) > 3600);
    expect(late.map(({ alert }) => alert.name)).toEqual([]);
  });

  it('has a proof of each of its levels', () => {
    for (const { name, levels: all, proofs } of alerts.filter((alert) => alert.name !== 'Watchdog')) {
      expect({ name, proven: [...new Set(proofs.map(({ level = 0 }) => level))].sort() }).toEqual({
        name,
        proven: all.map((_, i) => i),
      });
    }
  });
});

describe('the three alerts that users know', () => {
  it.each([
    ['DatabaseConnectionUtilizationHigh', /utilization_ratio\) > 80$/, '2m', 'warning'],
    ['DatabaseQueryLatencyHigh', /quantile="0.95"\}\) > 0.1$/, '5m', 'critical'],
    ['DatabaseReplicationLagHigh', /lag_seconds\) > 10$/, '1m', 'critical'],
  ])('keep name and meaning: %s', (name, expr, wait, severity) => {
    const [level, ...more] = alerts.find((alert) => alert.name === name)?.levels ?? [];
    expect(more).toEqual([]);
    expect(level).toMatchObject({ expr: expect.stringMatching(expr) as unknown, for: wait, severity });
  });
});

describe('series for promtool', () => {
  it('are runs of equal steps', () => {
    expect(compress([1, 1, 1, 0, 0])).toBe('1+0x2 0+0x1');
    expect(compress([0, 5, 10, 11, 12])).toBe('0+5x2 11+1x1');
    expect(compress([3, 2, 1])).toBe('3-1x2');
  });

  it('end as Prometheus ends them', () => {
    expect(compress([1, null, null, null, 2])).toBe('1 stale _x2 2');
    expect(compress([null, null, 1])).toBe('_x2 1');
  });
});
