import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { exporters } from '../exporters';
import { advicePage } from './advice-page';

const file = join(__dirname, '..', '..', '..', 'docs', 'advice.md');

describe('the rules', () => {
  it('are what docs/advice.md says (else: npm run docs)', () => {
    expect(readFileSync(file, 'utf8')).toBe(advicePage(exporters));
  });

  it('have names that are one of a kind, so that a link to a rule finds it', () => {
    const names = exporters.flatMap(({ registry }) => registry.rules.map(({ name }) => name));
    expect(new Set([...names, 'blind-spot']).size).toBe(names.length + 1);
    for (const name of names) expect(advicePage(exporters)).toContain(`\n### ${name}\n`);
  });
});
