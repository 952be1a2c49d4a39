// `npm run sbom`: writes sbom.cdx.json, what the exporters and the `submilli` command are made of, with the hash and the
// licence of each package, from the lockfile alone. CycloneDX, by npm itself.
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './prepare.mjs';

const options = ['--sbom-format', 'cyclonedx', '--sbom-type', 'application', '--package-lock-only'];
const { status, stdout } = spawnSync('npm', ['sbom', ...options], {
  ...{ cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'], maxBuffer: 64 * 1024 * 1024 },
});
if (status !== 0) process.exit(1);
const bom = JSON.parse(stdout);
// npm names it after the folder of the checkout.
bom.metadata.component.name = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).name;
// `--omit dev` would leave out what the tests and the exporters both need.
const isShipped = ({ properties = [] }) => !properties.some(({ name }) => name === 'cdx:npm:package:development');
bom.components = bom.components.filter(isShipped);
const shipped = new Set([bom.metadata.component, ...bom.components].map((component) => component['bom-ref']));
bom.dependencies = bom.dependencies
  .filter(({ ref }) => shipped.has(ref))
  .map(({ ref, dependsOn }) => ({ ref, dependsOn: dependsOn.filter((other) => shipped.has(other)) }));
const path = process.argv[2] ?? join(root, 'sbom.cdx.json');
writeFileSync(path, `${JSON.stringify(bom, null, 2)}\n`);
console.log(`${path}: ${bom.components.length} components`);
