import plugin from '../../src/plugin.json';
import { join } from 'node:path';
import { whyRefuse } from './caller';
import { dashboardBy, searchDashboards } from './dashboards';
import { faultOf } from './faults';
import { policyOf } from './page';
import { pathOf, route, type Route, type Settings } from './plugin-proxy';
import { createUserStorage } from './user-storage';

const routes = plugin.routes as readonly Route[];
const settings: Settings = {
  jsonData: { databaseUrl: 'http://db:9091', queryUrl: 'http://query:9093' },
  secureJsonData: { queryAuthorization: 'Basic c2VjcmV0' },
};
const ask = (
  path: string,
  { method = 'GET', role = 'Viewer' as const }: { method?: string; role?: 'Viewer' | 'Editor' | 'Admin' } = {},
) => route(routes, { method, path, role }, settings);

describe('the plugin’s proxy routes, as Grafana takes them', () => {
  it('lead to the exporters’ API, with the secret that is kept for each', () => {
    expect(ask('query/api/v1/latency')).toEqual({
      url: 'http://query:9093/api/v1/latency',
      headers: { authorization: 'Basic c2VjcmV0' },
    });
    expect(ask('database/api/v1/score')).toEqual({ url: 'http://db:9091/api/v1/score', headers: {} });
  });

  it('let viewers read, and editors say something about advice', () => {
    const path = 'query/api/v1/recommendations/abc/dismiss';
    expect(ask(path, { method: 'POST' })).toMatchObject({ status: 403 });
    expect(ask(path, { method: 'POST', role: 'Editor' })).toMatchObject({
      url: 'http://query:9093/api/v1/recommendations/abc/dismiss',
    });
  });

  it('lead nowhere else: not to metrics, not to a reload, not by another method', () => {
    for (const path of ['query/metrics', 'query/-/reload', 'query', 'other/api/v1/status', 'query/apix']) {
      expect(ask(path, { role: 'Admin' })).toMatchObject({ status: 404 });
      expect(ask(path, { method: 'POST', role: 'Admin' })).toMatchObject({ status: 404 });
    }
    expect(ask('query/api/v1/status', { method: 'POST', role: 'Admin' })).toMatchObject({ status: 404 });
    expect(ask('query/api/v1/status', { method: 'DELETE', role: 'Admin' })).toMatchObject({ status: 404 });
  });

  it('are left by no way of writing a path', () => {
    for (const part of ['..%2fmetrics', '%2e%2e', '.', 'a%5cb', '%zz']) {
      expect(pathOf(['query', 'api', part])).toBeUndefined();
    }
    expect(pathOf(['query', 'api', 'v1', 'a%20b'])).toBe('query/api/v1/a b');
    expect(ask('query/api/v1/a?b #c')).toMatchObject({ url: 'http://query:9093/api/v1/a%3Fb%20%23c' });
  });

  it('say so when an exporter has no address', () => {
    expect(ask('pool/api/v1/status')).toMatchObject({ status: 500 });
  });
});

describe('who asks', () => {
  it('is a page of the preview itself, or no page', () => {
    expect(whyRefuse({ host: '127.0.0.1:3000' })).toBeUndefined();
    expect(whyRefuse({ host: 'localhost:3000', origin: 'http://localhost:3000' })).toBeUndefined();
  });

  it('is not another site, nor one whose name means this machine', () => {
    expect(whyRefuse({ host: '127.0.0.1:3000', origin: 'https://evil.example' })).toBe('origin not allowed');
    expect(whyRefuse({ host: '127.0.0.1:3000', origin: 'null' })).toBe('origin not allowed');
    expect(whyRefuse({ host: 'evil.example:3000', origin: 'http://evil.example:3000' })).toMatch('this machine only');
    expect(whyRefuse({ host: '127.0.0.1.evil.example' })).toMatch('this machine only');
    expect(whyRefuse({})).toMatch('this machine only');
  });
});

describe('the storage per user', () => {
  it('keeps what is put there, adds to it, and takes away what becomes null', () => {
    const { handle } = createUserStorage();
    expect(handle('GET', 'app:u1', undefined).status).toBe(404);
    expect(handle('POST', '', { metadata: { name: 'app:u1' }, spec: { data: { a: '1' } } }).status).toBe(200);
    handle('PATCH', 'app:u1', { spec: { data: { b: '2' } } });
    handle('PATCH', 'app:u1', { spec: { data: { a: null } } });
    expect(handle('GET', 'app:u1', undefined).body).toEqual({ spec: { data: { b: '2' } } });
    expect(handle('GET', 'app:u2', undefined).status).toBe(404);
    expect(handle('PATCH', 'app:u2', { spec: { data: {} } }).status).toBe(404);
  });
});

describe('what goes wrong on purpose', () => {
  it('is of one upstream, or of all', () => {
    expect(faultOf('query:down,prometheus:empty', 'query')).toBe('down');
    expect(faultOf('query:down', 'ha')).toBeUndefined();
    expect(faultOf('*:denied', 'ha')).toBe('denied');
    expect(faultOf('ha:nonsense', 'ha')).toBeUndefined();
    expect(faultOf(undefined, 'ha')).toBeUndefined();
  });
});

describe('the dashboards', () => {
  const folder = join(__dirname, '..', '..', '..', 'dashboards');

  it('are found by their tags, and one by its uid', () => {
    const found = searchDashboards(folder, ['submilli']) as readonly { uid: string; url: string }[];
    expect(found.map(({ uid }) => uid)).toContain('fleet-overview');
    expect(found.map(({ url }) => url)).toContain('/d/fleet-overview');
    expect(searchDashboards(folder, ['submilli', 'nobody has this'])).toEqual([]);
    expect(dashboardBy(folder, 'fleet-overview')).toMatchObject({ dashboard: { title: 'Fleet overview' } });
  });

  it('are no more than there are: a uid of none, and other files, are not found', () => {
    expect(dashboardBy(folder, 'nothing')).toBeUndefined();
    expect(dashboardBy(folder, '@submilli/dashboards')).toBeUndefined();
  });
});

describe('the page', () => {
  it('lets no script but its own run, and nothing leave the origin', () => {
    const policy = policyOf('abc', 'host:1');
    expect(policy).toContain("'nonce-abc'");
    expect(policy).toContain("object-src 'none'");
    expect(policy).toMatch(/connect-src 'self'/);
  });
});
