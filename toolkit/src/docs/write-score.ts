import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkout } from '../stack/layout';
import { readIncidents } from './incidents';
import { imageOf, scorePage } from './score-page';
import { scorePlot } from './score-plot';

const docs = join(checkout, 'docs');
const incidents = readIncidents();
mkdirSync(join(docs, 'images'), { recursive: true });
writeFileSync(join(docs, 'score.md'), scorePage(incidents));
for (const incident of incidents) {
  writeFileSync(join(docs, imageOf(incident)), scorePlot(incident.capture, incident.moments));
}
