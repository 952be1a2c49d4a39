import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkout } from '../stack/layout';
import { faultPage } from './fault-page';

describe('the fault matrix', () => {
  it('is what docs/fault-matrix.md says (else: npm run docs)', () => {
    expect(readFileSync(join(checkout, 'docs', 'fault-matrix.md'), 'utf8')).toBe(faultPage());
  });
});
