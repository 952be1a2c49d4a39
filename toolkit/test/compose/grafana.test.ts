import Ajv from 'ajv';
import { existsSync, readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { dashboards } from '@submilli/dashboards';
import { parse } from 'yaml';
import { exporters, secretKey, urlKey } from '../../../grafana-plugin/src/settings';
import { composeFile, dockerStages, instructionsOf } from './files';
import { checkout, readRepo } from './tools';

const PROVISIONING = '/etc/grafana/provisioning';

const { grafana, exporters: exportersService } = composeFile().services;
const environment = grafana?.environment ?? {};
const mounts = (grafana?.volumes ?? []).map((text) => {
  const [source = '', target = ''] = text.split(':');
  return { source, target };
});
const mountedIn = (folder: string) => mounts.filter(({ target }) => dirname(target) === folder);

const load = (path: string): unknown => parse(readRepo(path), { version: '1.1' });
const provisioned = <T>(kind: string): T => {
  const [{ source = '' } = {}, ...more] = mountedIn(`${PROVISIONING}/${kind}`);
  expect(more).toEqual([]);
  return load(source) as T;
};

type DataSource = { readonly uid: string; readonly type: string; readonly url: string; readonly isDefault?: boolean };
type WithData = DataSource & { readonly jsonData: Readonly<Record<string, unknown>> };
type Provider = { readonly options: { readonly path: string }; readonly folderUid: string };
type App = { readonly type: string; readonly jsonData: Readonly<Record<string, string>> };

const dataSources = (): readonly WithData[] =>
  provisioned<{ datasources: readonly WithData[] }>('datasources').datasources;
const app = (): App | undefined => provisioned<{ apps: readonly App[] }>('plugins').apps[0];

const panels = 'grafana-plugin/src/panels';
const plugins = ['grafana-plugin/src', ...readdirSync(join(checkout, panels)).map((name) => `${panels}/${name}`)]
  .filter((folder) => existsSync(join(checkout, folder, 'plugin.json')))
  .map((folder) => JSON.parse(readRepo(`${folder}/plugin.json`)) as { readonly id: string; readonly type: string });
const appId = plugins.find(({ type }) => type === 'app')?.id ?? 'no app';

const schema = JSON.parse(readRepo('toolkit/test/compose/fixtures/grafana-provisioning-12.4.schema.json')) as object;
const check = new Ajv({ strict: false, allErrors: true }).compile(schema);
const problemsOf = (value: unknown): readonly string[] => {
  check(value);
  return (check.errors ?? []).map(({ instancePath, message = '' }) => `${instancePath} ${message}`);
};

describe('what Grafana finds when it starts', () => {
  const files = mounts.filter(({ target }) => target.startsWith(PROVISIONING)).map(({ source }) => source);

  it.each([...files, './grafana-plugin/provisioning/datasources/prometheus.yaml'])(
    'has only what Grafana 12.4 reads: %s',
    (path) => {
      expect(problemsOf(load(path))).toEqual([]);
    },
  );

  it('would be told off for a field that Grafana drops', () => {
    const [file] = files;
    const [first] = dataSources();
    expect(file).toContain('datasource');
    expect(problemsOf({ apiVersion: 1, datasources: [{ ...first, readOnly: true }] })).not.toEqual([]);
    expect(problemsOf({ apiVersion: 1, apps: [{ type: appId, orgId: 1 }] })).not.toEqual([]);
  });

  it('is a Prometheus by the uid that the app and the rules for Grafana expect, where the others look first', () => {
    const [prometheus, alertmanager] = dataSources();
    expect(prometheus).toMatchObject({ type: 'prometheus', url: 'http://prometheus:9090', isDefault: true });
    expect(app()?.jsonData.prometheusUid).toBe(prometheus?.uid);
    const rules = load('alert-rules/grafana/rules.yml') as {
      groups: { rules: { data: { datasourceUid: string }[] }[] }[];
    };
    const asked = rules.groups.flatMap((group) => group.rules).map(({ data }) => data[0]?.datasourceUid);
    expect(new Set(asked)).toEqual(new Set([prometheus?.uid]));
    expect(prometheus?.jsonData.alertmanagerUid).toBe(alertmanager?.uid);
  });

  it('tells nobody of an alert: Alertmanager does, and nobody is paged twice', () => {
    const alertmanager = dataSources().find(({ type }) => type === 'alertmanager');
    expect(alertmanager).toMatchObject({
      ...{ url: 'http://alertmanager:9099', jsonData: { handleGrafanaManagedAlerts: false } },
    });
    expect(mounts.filter(({ target }) => target.startsWith(`${PROVISIONING}/alerting`))).toEqual([]);
  });
});

describe('the dashboards in Grafana', () => {
  const provider = (): Provider | undefined =>
    provisioned<{ providers: readonly Provider[] }>('dashboards').providers[0];

  it('are all there are, where the provider looks, and no other file is', () => {
    const seen = mountedIn(provider()?.options.path ?? 'nowhere');
    expect(seen.map(({ source }) => source).sort()).toEqual(
      dashboards.map(({ uid = '' }) => `./dashboards/${uid}.json`).sort(),
    );
    expect(seen.filter(({ source, target }) => basename(source) !== basename(target))).toEqual([]);
  });

  it('can be neither changed nor deleted there, and keep their folder’s address', () => {
    expect(provider()).toMatchObject({ allowUiUpdates: false, disableDeletion: true, folderUid: 'submilli' });
  });

  it('begin with the fleet', () => {
    const home = environment.GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH;
    expect(mounts.find(({ target }) => target === home)?.source).toBe('./dashboards/fleet-overview.json');
  });

  it('have every panel of ours that they use', () => {
    const used = new Set(dashboards.flatMap(({ panels = [] }) => panels.map(({ type }) => type)));
    const ours = [...used].filter((type) => type.startsWith('submilli-'));
    expect(ours.length).toBeGreaterThan(0);
    expect(plugins.map(({ id }) => id)).toEqual(expect.arrayContaining(ours));
  });
});

describe('the app in Grafana', () => {
  it('may be loaded, and each of its panels, though they are not signed', () => {
    const allowed = environment.GF_PLUGINS_ALLOW_LOADING_UNSIGNED_PLUGINS?.split(',') ?? [];
    expect(allowed.toSorted()).toEqual(plugins.map(({ id }) => id).toSorted());
    expect(readRepo('grafana-plugin/README.md')).toContain(allowed.join(','));
  });

  it('is in the image, where Grafana looks for it and no volume hides it', () => {
    const stage = dockerStages().find(({ name }) => name === grafana?.build?.target);
    const copied = (stage && instructionsOf(stage, 'COPY'))?.map((words) => words.at(-1)) ?? [];
    const place = environment.GF_PATHS_PLUGINS ?? 'nowhere';
    expect(copied).toEqual([`${place}/${appId}`]);
    expect(mounts.filter(({ target }) => place.startsWith(`${target}/`))).toEqual([]);
  });

  it('is told what its page of configuration would save: the data source, and each exporter where it listens', () => {
    const { type, jsonData = {} } = app() ?? {};
    expect(type).toBe(appId);
    const listen = (load('cluster/docker/submilli.yml') as { listen: Readonly<Record<string, string>> }).listen;
    const addresses = exporters.map((name) => [
      urlKey(name),
      `http://exporters:${listen[name]?.split(':')[1] ?? 'off'}`,
    ]);
    expect(jsonData).toEqual({ prometheusUid: 'prometheus', ...Object.fromEntries(addresses) });
    expect(exportersService?.networks).toEqual(expect.arrayContaining([...(grafana?.networks ?? ['none'])]));
  });

  it('is told the same, and its secrets, in the example that comes with it', () => {
    const [example] = (load('grafana-plugin/provisioning/plugins/apps.yaml') as { apps: (App & object)[] }).apps;
    expect(example).toMatchObject({ type: appId, jsonData: { prometheusUid: 'prometheus' } });
    expect(Object.keys(example?.jsonData ?? {}).sort()).toEqual(Object.keys(app()?.jsonData ?? {}).sort());
    const secrets = (example as unknown as { secureJsonData: object }).secureJsonData;
    expect(Object.keys(secrets).sort()).toEqual(exporters.map(secretKey).sort());
  });
});
