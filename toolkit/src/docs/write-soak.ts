import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { soakReport } from '../soak/report/schema';
import { checkout } from '../stack/layout';
import { soakPage } from './soak-page';

const docs = join(checkout, 'docs');
const kept = join(docs, 'soak.json');
// The page is of a whole run; until one is kept, there is none.
if (existsSync(kept)) {
  const report = soakReport.parse(JSON.parse(readFileSync(kept, 'utf8')));
  for (const [name, text] of Object.entries(soakPage(report))) writeFileSync(join(docs, name), text);
}
