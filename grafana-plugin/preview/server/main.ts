import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { whyRefuse } from './caller';
import { dashboardBy, searchDashboards } from './dashboards';
import { faultOf } from './faults';
import { sendFile } from './files';
import { type Options, readOptions, type Role } from './options';
import { pageOf, policyOf } from './page';
import { pathOf, route, type Route, type Settings } from './plugin-proxy';
import { answerQuery, type DsQuery } from './prometheus';
import { createUserStorage } from './user-storage';

const here = dirname(fileURLToPath(import.meta.url));
const app = join(here, '..', '..');
const options = readOptions(process.argv.slice(2), {
  plugin: join(app, 'dist'),
  host: here,
  dashboards: join(app, '..', 'dashboards'),
});

type Plugin = {
  readonly id: string;
  readonly name: string;
  readonly routes: readonly Route[];
  readonly includes: readonly object[];
};

const MOST_BYTES = 1024 * 1024;
const LATEST_MS = 30_000;

/** What a data source that is away, or that may not be asked, comes to. */
const REFUSED = {
  down: { status: 502, message: 'Bad Gateway: Prometheus gives no answer' },
  denied: { status: 403, message: 'Access denied' },
} as const;

const start = ({ port, prometheus, plugin: dist, host, dashboards, ...given }: Options): void => {
  const plugin = JSON.parse(readFileSync(join(dist, 'plugin.json'), 'utf8')) as Plugin;
  const storage = createUserStorage();
  let settings: Settings = { jsonData: given.jsonData, secureJsonData: given.secureJsonData };

  /** What the browser may know: which secrets are set, and nothing more of them. */
  const meta = () => ({
    ...{
      id: plugin.id,
      type: 'app',
      name: plugin.name,
      enabled: true,
      pinned: true,
      module: `public/plugins/${plugin.id}/module.js`,
    },
    ...{ baseUrl: `public/plugins/${plugin.id}`, jsonData: settings.jsonData, info: {} },
    secureJsonFields: Object.fromEntries(
      Object.entries(settings.secureJsonData).map(([key, value]) => [key, value !== '']),
    ),
  });

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const refused = whyRefuse(request.headers);
    if (refused !== undefined) return json(response, 403, { message: refused });
    const url = new URL(request.url ?? '/', 'http://preview');
    const { pathname: path } = url;
    const method = request.method ?? 'GET';
    const role = roleOf(request, url);
    const fault = (upstream: string) => faultOf(header(request, 'x-preview-fault'), upstream);
    if (path.startsWith('/api/plugin-proxy/')) {
      const [, , , id = '', ...rest] = path.split('/');
      if (id !== plugin.id) return json(response, 404, { message: 'plugin not found' });
      const wanted = pathOf(rest);
      if (wanted === undefined) return json(response, 400, { message: 'the path leads out of its route' });
      const asked = { method, path: wanted, role };
      const found = route(plugin.routes, asked, settings);
      if (!('url' in found)) return json(response, found.status, { message: found.message });
      const wrong = fault(rest[0] ?? '');
      if (wrong === 'down') return json(response, 502, { message: 'Bad Gateway' });
      if (wrong === 'denied') return json(response, 403, { message: 'plugin proxy route access denied' });
      if (wrong === 'garbage') return json(response, 200, { garbage: true });
      if (wrong === 'slow') await new Promise((resolve) => setTimeout(resolve, 3000));
      return forward(request, response, `${found.url}${url.search}`, found.headers, role);
    }
    if (path === '/api/ds/query' && method === 'POST') {
      const wrong = fault('prometheus');
      if (wrong === 'down' || wrong === 'denied') return json(response, REFUSED[wrong].status, REFUSED[wrong]);
      const query = JSON.parse(await bodyOf(request)) as DsQuery;
      if (wrong === 'empty')
        return json(response, 200, {
          results: Object.fromEntries(query.queries.map(({ refId }) => [refId, { status: 200, frames: [] }])),
        });
      return json(response, 200, await answerQuery(prometheus, query));
    }
    const resource = /^\/api\/datasources\/uid\/[^/]+\/resources\/(api\/v1\/.+)$/.exec(path);
    if (resource !== null) {
      const wrong = fault('prometheus');
      if (wrong === 'down' || wrong === 'denied') return json(response, REFUSED[wrong].status, REFUSED[wrong]);
      if (wrong === 'empty') return json(response, 200, { status: 'success', data: [] });
      return forward(request, response, `${prometheus}/${resource[1] ?? ''}${url.search}`, {}, role);
    }
    if (path === '/api/search')
      return json(response, 200, searchDashboards(dashboards, url.searchParams.getAll('tag')));
    const uid = /^\/api\/dashboards\/uid\/([\w-]+)$/.exec(path)?.[1];
    if (uid !== undefined) {
      const found = dashboardBy(dashboards, uid);
      return found === undefined ? json(response, 404, { message: 'Dashboard not found' }) : json(response, 200, found);
    }
    if (path === `/api/plugins/${plugin.id}/settings`) {
      if (method === 'GET') return json(response, 200, meta());
      if (role !== 'Admin')
        return json(response, 403, { message: 'You’ll need additional permissions to perform this action.' });
      const { jsonData, secureJsonData } = JSON.parse(await bodyOf(request)) as Partial<Settings>;
      // As Grafana: all of the one, and of the other what is given.
      settings = { jsonData: jsonData ?? {}, secureJsonData: { ...settings.secureJsonData, ...secureJsonData } };
      return json(response, 200, { message: 'Plugin settings updated' });
    }
    const stored = /^\/apis\/userstorage\.grafana\.app\/v0alpha1\/namespaces\/[^/]*\/user-storage\/(.*)$/.exec(path);
    if (stored !== null) {
      const body: unknown = method === 'GET' ? undefined : JSON.parse(await bodyOf(request));
      const answer = storage.handle(method, decodeURIComponent(stored[1] ?? ''), body);
      return json(response, answer.status, answer.body);
    }
    if (path.startsWith('/api/') || path.startsWith('/apis/'))
      return json(response, 404, { message: 'the preview has no such thing' });
    if (path.startsWith('/preview/') && sendFile(response, host, path.slice('/preview/'.length))) return;
    const own = new RegExp(`^/public/plugins/(?:${plugin.id}/)?(.+)$`).exec(path);
    if (own !== null && sendFile(response, dist, own[1] ?? '')) return;
    const nested = /^\/public\/plugins\/submilli-(\w+)-panel\/(.+)$/.exec(path);
    if (
      nested !== null &&
      sendFile(response, join(dist, 'panels', panelFolder(dist, nested[1] ?? '')), nested[2] ?? '')
    )
      return;
    const icon = /^\/public\/(?:build\/)?img\/icons\/(.+)$/.exec(path);
    if (icon !== null) {
      if (sendFile(response, join(host, 'icons'), icon[1] ?? '')) return;
      response.writeHead(200, { 'content-type': 'image/svg+xml' }).end('<svg xmlns="http://www.w3.org/2000/svg"/>');
      return;
    }
    if (
      path.startsWith('/public/fonts/') &&
      sendFile(response, join(host, 'fonts'), path.slice('/public/fonts/'.length))
    )
      return;
    if (path.startsWith('/public/') || path === '/favicon.ico') return void response.writeHead(404).end();
    const nonce = randomBytes(16).toString('base64');
    const theme = url.searchParams.get('theme') === 'light' ? 'light' : 'dark';
    response.writeHead(200, {
      ...{
        'content-type': 'text/html; charset=utf-8',
        'cache-control': 'no-store',
        'x-content-type-options': 'nosniff',
      },
      'content-security-policy': policyOf(nonce, request.headers.host ?? `127.0.0.1:${port}`),
    });
    response.end(pageOf({ theme, role, plugin, meta: meta() }, nonce));
  };

  const server = createServer((request, response) => {
    handle(request, response).catch((error: unknown) => {
      if (response.headersSent) response.destroy();
      else json(response, 502, { message: String(error) });
    });
  });
  server.on('error', (error) => {
    console.error(`preview: ${error.message}`);
    process.exit(1);
  });
  server.listen(port, '127.0.0.1', () => {
    const address = server.address();
    const own = typeof address === 'object' && address !== null ? address.port : port;
    console.log(`preview: http://127.0.0.1:${own} (not Grafana: see grafana-plugin/preview/README.md)`);
  });
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => process.exit(0));
};

const panelFolder = (dist: string, name: string): string =>
  readdirSync(join(dist, 'panels')).find((folder) => folder.replaceAll('-', '') === name) ?? name;

/** Whose eyes it is seen with: in Grafana that is a matter of logging in. */
const roleOf = (request: IncomingMessage, url: URL): Role => {
  const said = header(request, 'x-preview-role') ?? url.searchParams.get('role');
  return said === 'Viewer' || said === 'Editor' ? said : 'Admin';
};

const header = (request: IncomingMessage, name: string): string | undefined => {
  const value = request.headers[name];
  return Array.isArray(value) ? value[0] : value;
};

const json = (response: ServerResponse, status: number, body: object): void => {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
};

const bodyOf = async (request: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MOST_BYTES) throw new Error('the body is too large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
};

/** What reaches an exporter: neither cookies nor the browser's own headers, as Grafana has it. */
const forward = async (
  request: IncomingMessage,
  response: ServerResponse,
  url: string,
  headers: Readonly<Record<string, string>>,
  role: Role,
): Promise<void> => {
  const body = request.method === 'GET' || request.method === 'HEAD' ? undefined : await bodyOf(request);
  const context = JSON.stringify({ Login: role.toLowerCase(), OrgRole: role });
  const answer = await fetch(url, {
    ...{
      method: request.method ?? 'GET',
      body: body ?? null,
      redirect: 'manual',
      signal: AbortSignal.timeout(LATEST_MS),
    },
    headers: {
      ...(body === undefined ? {} : { 'content-type': header(request, 'content-type') ?? 'application/json' }),
      'x-grafana-context': context,
      ...headers,
    },
  }).catch(
    (error: unknown) => new Response(JSON.stringify({ message: `Bad Gateway: ${String(error)}` }), { status: 502 }),
  );
  response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? 'application/json' });
  response.end(Buffer.from(await answer.arrayBuffer()));
};

start(options);
