import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkout } from '../stack/layout';
import { faultPage } from './fault-page';

writeFileSync(join(checkout, 'docs', 'fault-matrix.md'), faultPage());
