import type { PluginOptions } from '@grafana/plugin-e2e';
import { defineConfig, devices } from '@playwright/test';
import { dirname, join } from 'node:path';

const auth = join(dirname(require.resolve('@grafana/plugin-e2e')), 'auth');

/** Specs for a real Grafana. Its address: GRAFANA_URL; its user and password: GRAFANA_ADMIN_USER, GRAFANA_ADMIN_PASSWORD. */
// eslint-disable-next-line no-restricted-exports -- how Playwright finds it
export default defineConfig<PluginOptions>({
  testDir: './test/e2e',
  reporter: 'list',
  use: { baseURL: process.env.GRAFANA_URL ?? 'http://localhost:3000', trace: 'on-first-retry' },
  projects: [
    { name: 'auth', testDir: auth, testMatch: [/.*\.js/] },
    {
      name: 'chromium',
      use: { ...devices['Desktop Chrome'], storageState: 'playwright/.auth/admin.json' },
      dependencies: ['auth'],
    },
  ],
});
