import { expect, test } from '@grafana/plugin-e2e';
import { appPages, pageNames } from '../pages/app';

// For a real Grafana with the app, its exporters and a Prometheus with data: npm run e2e:grafana -- --url http://grafana:3000

test.describe('the app in Grafana', () => {
  for (const name of pageNames) {
    test(`${name} shows live data`, async ({ page, baseURL }) => {
      const app = appPages(page, baseURL ?? '');
      await app.goto(name);
      await expect(app.landmark(name)).toBeVisible();
      await expect(app.loading().first()).toBeHidden();
      for (const exporter of ['database', 'pool', 'query', 'ha']) await expect(app.trouble(exporter)).toBeHidden();
    });
  }

  test('what is looked at is in the URL', async ({ page, baseURL }) => {
    const app = appPages(page, baseURL ?? '');
    await app.goto('queries');
    await app.landmark('queries').waitFor();
    await page.getByRole('button', { name: 'Calls' }).click();
    expect(app.param('sort')).toBe('-calls');
    await page.reload();
    await expect(page.getByRole('columnheader', { name: 'Calls' })).toHaveAttribute('aria-sort', 'descending');
  });
});

test.describe('the panels in Grafana', () => {
  for (const name of ['Submilli health score', 'Submilli latency distribution', 'Submilli recommendations']) {
    test(`${name} can be chosen in a dashboard`, async ({ panelEditPage }) => {
      await panelEditPage.setVisualization(name);
      await expect(panelEditPage.panel.locator).toBeVisible();
    });
  }
});
