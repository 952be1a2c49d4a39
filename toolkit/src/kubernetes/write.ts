import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { checkout } from '../stack/layout';
import { dashboardsKustomization, kubernetesFiles } from './files';

for (const [name, text] of Object.entries(kubernetesFiles())) {
  const path = join(checkout, 'packaging', 'kubernetes', name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}
writeFileSync(join(checkout, 'dashboards', 'kustomization.yaml'), dashboardsKustomization());
