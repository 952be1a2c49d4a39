import { alerts } from '@submilli/alert-rules';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { metrics } from '@submilli/catalogue';
import { checkout } from '../stack/layout';
import { components, faultNames } from './cell';
import { cells, deeds } from './matrix';

describe('the fault matrix', () => {
  it('has a cell for each component under each fault: tested, or with a reason why not', () => {
    expect(cells).toHaveLength(components.length * faultNames.length);
    for (const { component, fault, cell } of cells) {
      const where = `${component}, ${fault}`;
      const isTested = deeds.some((deed) => deed.component === component && deed.fault === fault);
      const why = cell.kind === 'does not apply' ? cell.because : cell.kind === 'elsewhere' ? cell.what : '';
      const isSaid = why.length > 20 || cell.kind === 'goes on';
      expect({ where, isTestedOrSaid: isTested !== isSaid }).toEqual({ where, isTestedOrSaid: true });
    }
  });

  it('names tests of elsewhere that are there', () => {
    for (const { cell } of cells) {
      if (cell.kind !== 'elsewhere') continue;
      const path = join(checkout, cell.file);
      expect(existsSync(path)).toBe(true);
      expect(readFileSync(path, 'utf8')).toContain(`it('${cell.title}'`);
    }
  });

  it('names alerts that are there', () => {
    const known = new Set(alerts.map(({ name }) => name));
    for (const { expected, kind } of deeds) {
      if (kind === 'command tells' || 'none' in expected.alert) continue;
      expect(known).toContain(expected.alert.name);
    }
  });

  it('names metrics that are there, also where it says that they are absent', () => {
    const known = Object.keys(metrics);
    for (const { expected, kind } of deeds) {
      if (kind !== 'exporter tells') continue;
      const absent = expected.absent === 'all' ? [] : expected.absent;
      for (const name of [...Object.keys(expected.metrics), ...absent]) {
        const pattern = new RegExp(`^${name.replace(/\{.*/, '').replaceAll('*', '.*')}$`);
        expect({ name, isKnown: known.some((one) => pattern.test(one)) }).toEqual({ name, isKnown: true });
      }
    }
  });
});
