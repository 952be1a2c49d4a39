import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkout } from '../stack/layout';
import { soakReport } from '../soak/report/schema';
import { soakPage } from './soak-page';

const docs = join(checkout, 'docs');
const read = (name: string): string => readFileSync(join(docs, name), 'utf8');

describe('the soak of the documentation (else: npm run docs)', () => {
  it('is a page exactly when there are figures, and then what they make', () => {
    const kept = existsSync(join(docs, 'soak.json'));
    expect(existsSync(join(docs, 'soak.md'))).toBe(kept);
    const files = kept ? soakPage(soakReport.parse(JSON.parse(read('soak.json')))) : {};
    expect(Object.fromEntries(Object.keys(files).map((name) => [name, read(name)]))).toEqual(files);
  });
});
