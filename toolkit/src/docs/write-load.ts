import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadReport } from '../load/report/schema';
import { checkout } from '../stack/layout';
import { loadPage } from './load-page';

const docs = join(checkout, 'docs');
const report = loadReport.parse(JSON.parse(readFileSync(join(docs, 'load-report.json'), 'utf8')));
for (const [name, text] of Object.entries(loadPage(report))) writeFileSync(join(docs, name), text);
