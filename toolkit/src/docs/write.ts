import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { commandsPage } from '../command-line/manual/page';
import { manualPage } from '../command-line/manual/roff';
import { treeOf } from '../command-line/tree';
import { exporters } from '../exporters';
import { loadReport } from '../load/report/schema';
import { createProgram } from '../program';
import { soakReport } from '../soak/report/schema';
import { checkout } from '../stack/layout';
import { advicePage } from './advice-page';
import { catalogueModule } from './catalogue';
import { faultPage } from './fault-page';
import { readIncidents } from './incidents';
import { lintPage } from './lint-page';
import { loadPage } from './load-page';
import { metricsPage } from './metrics-page';
import { imageOf, scorePage } from './score-page';
import { scorePlot } from './score-plot';
import { soakPage } from './soak-page';

const write = (file: string, text: string): void => {
  const path = join(checkout, file);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
};

/** Of what was measured once and is kept beside its page. */
const kept = (name: string): unknown => JSON.parse(readFileSync(join(checkout, 'docs', name), 'utf8'));
const writeInDocs = (files: Readonly<Record<string, string>>): void => {
  for (const [name, text] of Object.entries(files)) write(join('docs', name), text);
};

write('catalogue/src/metrics.ts', catalogueModule(exporters));

const incidents = readIncidents();
const tree = treeOf(createProgram());
writeInDocs({
  'metrics.md': metricsPage(exporters),
  'advice.md': advicePage(exporters),
  'lint.md': lintPage(),
  'commands.md': commandsPage(tree),
  'submilli.1': manualPage(tree),
  'score.md': scorePage(incidents),
  'fault-matrix.md': faultPage(),
  ...Object.fromEntries(
    incidents.map((incident) => [imageOf(incident), scorePlot(incident.capture, incident.moments)] as const),
  ),
});
writeInDocs(loadPage(loadReport.parse(kept('load-report.json'))));
// The page is of a whole run; until one is kept, there is none.
if (existsSync(join(checkout, 'docs', 'soak.json'))) writeInDocs(soakPage(soakReport.parse(kept('soak.json'))));
