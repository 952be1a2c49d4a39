// `npm run e2e:grafana -- --url http://grafana:3000`: the specs against a real Grafana.
import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';

const { values, positionals } = parseArgs({
  options: { url: { type: 'string' } },
  allowPositionals: true,
  strict: false,
});
if (values.url === undefined) {
  console.error(
    'e2e:grafana: which Grafana? --url http://host:3000 (GRAFANA_ADMIN_USER and GRAFANA_ADMIN_PASSWORD log in)',
  );
  process.exit(2);
}
const { status } = spawnSync('npx', ['playwright', 'test', ...positionals], {
  stdio: 'inherit',
  env: { ...process.env, GRAFANA_URL: values.url },
});
process.exit(status ?? 1);
