import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { metrics } from '@submilli/catalogue';
import { exporters } from '../exporters';
import { catalogueModule } from './catalogue';

const file = join(__dirname, '..', '..', '..', 'catalogue', 'src', 'metrics.ts');

describe('the catalogue of metrics', () => {
  it('is what the exporters declare (else: npm run docs)', () => {
    expect(readFileSync(file, 'utf8')).toBe(catalogueModule(exporters));
  });

  it('knows labels that come by themselves', () => {
    expect(metrics.db_query_latency_seconds).toMatchObject({
      type: 'histogram',
      labels: expect.arrayContaining(['le']) as unknown,
    });
    expect(metrics.db_query_duration_seconds.labels).toContain('quantile');
  });

  it('has no name of another exporter, which is there only where it was asked for', () => {
    expect(Object.keys(metrics).filter((name) => !name.startsWith('db_'))).toEqual([]);
  });
});
