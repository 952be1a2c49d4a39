import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Account } from '@submilli/local-postgres';
import { nodeAccount } from './exporters-service';
import { getOk } from './http';
import { checkout } from './layout';
import { ownerOf } from './ports';
import type { Service } from './service';

const PORT = 3000;
export const PREVIEW_URL = `http://127.0.0.1:${PORT}`;

/** The preview of the Grafana app, and why it is left out if it is. */
export type Preview = { readonly services: readonly Service[]; readonly notes: readonly string[] };

/**
 * Grafana is no Debian package: its app is shown by a host of ours that runs the same bundle. Where something listens on
 * Grafana's port already, be it Grafana, nothing is started.
 */
export const previewOf = (wanted: boolean, account: Account | undefined): Preview => {
  if (!wanted) return { services: [], notes: [] };
  const server = join(checkout, 'grafana-plugin', 'preview', 'dist', 'server.mjs');
  if (!existsSync(server) || !existsSync(join(checkout, 'grafana-plugin', 'dist', 'plugin.json'))) {
    return {
      services: [],
      notes: ['The Grafana app is not built, so there is no preview of it: npm start builds it.'],
    };
  }
  const owner = ownerOf(PORT);
  if (owner !== undefined) {
    const who = owner.command === '' ? 'Something' : owner.command;
    return { services: [], notes: [`${who} listens on ${PORT} already: no preview of the Grafana app.`] };
  }
  return { services: [previewService(server, account)], notes: [] };
};

const previewService = (server: string, account: Account | undefined): Service => ({
  name: 'preview',
  title: 'Grafana app (a preview, not Grafana)',
  command: process.execPath,
  args: [server, '--port', String(PORT)],
  account: nodeAccount(account),
  endpoints: [{ what: 'Grafana app, preview', url: PREVIEW_URL, port: PORT }],
  ready: async (signal) => {
    await getOk(`${PREVIEW_URL}/public/plugins/submilli-postgresql-app/module.js`, signal);
    return undefined;
  },
  readySeconds: 20,
});
