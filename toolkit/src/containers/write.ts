import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkout } from '../stack/layout';
import { containerFiles } from './files';

for (const [name, text] of Object.entries(containerFiles())) {
  writeFileSync(join(checkout, 'cluster', 'docker', name), text);
}
