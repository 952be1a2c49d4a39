import { rareSeconds, rareSurveys } from './background';

describe('surveys that are rare', () => {
  it('are those of the database exporter that come less often than once a minute', () => {
    const surveys = rareSurveys();
    expect(surveys.get('bloat')).toBe(600);
    expect(surveys.get('sizes')).toBe(300);
    expect(surveys.has('tables')).toBe(false);
  });

  it('cost each scrape its share', () => {
    const text = [
      'db_exporter_database_seconds_total{collector="bloat"} 6',
      'db_exporter_database_seconds_total{collector="tables"} 100',
      'db_exporter_database_seconds_total{collector="sizes"} 3',
    ].join('\n');
    const surveys = new Map([
      ['bloat', 600],
      ['sizes', 300],
      ['absent', 300],
    ]);
    expect(rareSeconds(text, surveys, 15)).toBeCloseTo(6 / 40 + 3 / 20, 12);
    expect(rareSeconds('', surveys, 15)).toBe(0);
  });
});
