import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { dashboards, textOf } from './dashboards';

for (const dashboard of dashboards) writeFileSync(join(__dirname, '..', `${dashboard.uid}.json`), textOf(dashboard));
