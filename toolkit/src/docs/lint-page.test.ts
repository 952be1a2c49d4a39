import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { rules } from '../lint/catalogue';
import { lintPage } from './lint-page';

const file = join(__dirname, '..', '..', '..', 'docs', 'lint.md');

describe('the lint rules', () => {
  it('are what docs/lint.md says (else: npm run docs)', () => {
    expect(readFileSync(file, 'utf8')).toBe(lintPage());
  });

  it('each have a heading there, so that a link to a rule finds it', () => {
    for (const { id } of rules) expect(lintPage()).toContain(`\n### ${id}\n`);
  });
});
