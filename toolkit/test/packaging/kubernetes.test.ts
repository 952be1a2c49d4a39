import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseConfig } from '@submilli/core';
import { PodMonitor } from '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1/PodMonitor';
import { PrometheusRule } from '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1/PrometheusRule';
import { ServiceMonitor } from '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1/ServiceMonitor';
import { ScrapeConfig } from '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1alpha1/ScrapeConfig';
import { Deployment } from 'kubernetes-models/apps/v1/Deployment';
import { StatefulSet } from 'kubernetes-models/apps/v1/StatefulSet';
import { NetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1/NetworkPolicy';
import { Service } from 'kubernetes-models/v1/Service';
import { ServiceAccount } from 'kubernetes-models/v1/ServiceAccount';
import { parse } from 'yaml';
import { z } from 'zod';
import { deployment, networkPolicy, service } from '../../src/kubernetes/base';
import { ports } from '../../src/kubernetes/common';
import { dashboardsKustomization, kubernetesFiles } from '../../src/kubernetes/files';
import { podMonitor, scrapeConfig, serviceMonitor } from '../../src/kubernetes/monitoring';
import { sidecarPatch } from '../../src/kubernetes/sidecar';
import { checkout, readRepo } from '../compose/tools';

const folder = 'packaging/kubernetes';
const files = kubernetesFiles();

/** By the schemas of Kubernetes and of Prometheus' operator. */
const models: Readonly<Record<string, new (data: never) => { validate: () => void }>> = {
  ...{ Deployment, StatefulSet, NetworkPolicy, Service, ServiceAccount },
  ...{ PodMonitor, PrometheusRule, ScrapeConfig, ServiceMonitor },
};
const validate = (manifest: { kind: string }): void => {
  const Model = models[manifest.kind];
  if (Model === undefined) throw new Error(`no schema of ${manifest.kind}`);
  new Model(manifest as never).validate();
};

/** Of kustomize, what is used here; https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/ */
const kustomizationSchema = z.strictObject({
  apiVersion: z.enum(['kustomize.config.k8s.io/v1beta1', 'kustomize.config.k8s.io/v1alpha1']),
  kind: z.enum(['Kustomization', 'Component']),
  namespace: z.string().optional(),
  resources: z.array(z.string()).default([]),
  components: z.array(z.string()).default([]),
  images: z.array(z.strictObject({ name: z.string(), newName: z.string(), newTag: z.string() })).optional(),
  configMapGenerator: z
    .array(z.strictObject({ name: z.string(), behavior: z.literal('replace').optional(), files: z.array(z.string()) }))
    .default([]),
  generatorOptions: z
    .strictObject({
      disableNameSuffixHash: z.boolean(),
      labels: z.record(z.string(), z.string()),
      annotations: z.record(z.string(), z.string()),
    })
    .optional(),
  patches: z
    .array(
      z.strictObject({ path: z.string(), target: z.strictObject({ kind: z.string(), labelSelector: z.string() }) }),
    )
    .default([]),
  replacements: z.array(z.object({ source: z.object({}), targets: z.array(z.object({})) })).optional(),
});

const kustomizations = [
  ...Object.keys(files)
    .filter((name) => name.endsWith('kustomization.yaml'))
    .map((name) => join(folder, name)),
  'dashboards/kustomization.yaml',
];
const readKustomization = (path: string) => kustomizationSchema.parse(parse(readRepo(path)));

describe('the manifests', () => {
  it('are what the code says (else: npm run containers)', () => {
    const there = readdirSync(join(checkout, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(join(checkout, folder).length + 1));
    expect(there.sort()).toEqual(Object.keys(files).sort());
    for (const [name, text] of Object.entries(files))
      expect([name, readRepo(join(folder, name))]).toEqual([name, text]);
    expect(readRepo('dashboards/kustomization.yaml')).toBe(dashboardsKustomization());
  });

  it.each(Object.keys(files).filter((name) => name.endsWith('.yaml') && !/kustomization|patch/.test(name)))(
    '%s holds to the schema of its kind',
    (name) => {
      const manifest = parse(files[name] ?? '') as { kind: string; metadata: { name: string } };
      expect(() => validate(manifest)).not.toThrow();
      expect(manifest.metadata.name).toMatch(/^submilli(-[a-z-]+)?$/);
    },
  );

  it('would not pass if something were wrong', () => {
    const { spec } = deployment;
    expect(() => validate({ ...deployment, spec: { ...spec, replicas: 'one' } } as never)).toThrow();
    expect(() => validate({ ...deployment, spec: { replicas: 1 } } as never)).toThrow();
    expect(() => validate({ ...serviceMonitor, spec: { endpoints: [] } } as never)).toThrow();
  });

  it('a workload with the sidecar is a workload still', () => {
    const template = sidecarPatch.spec.template;
    const workload = {
      ...sidecarPatch,
      metadata: { name: 'pg' },
      spec: { serviceName: 'pg', selector: { matchLabels: template.metadata.labels }, template },
    };
    expect(() => validate(workload)).not.toThrow();
  });
});

const pods = [deployment.spec?.template.spec, sidecarPatch.spec.template.spec];
const containers = pods.flatMap((pod) => pod?.containers ?? []);

describe('the containers', () => {
  it('are nobody in particular, own nothing, and have bounds', () => {
    for (const container of containers) {
      expect(container.securityContext).toMatchObject({
        ...{ runAsNonRoot: true, readOnlyRootFilesystem: true, allowPrivilegeEscalation: false },
        ...{ capabilities: { drop: ['ALL'] }, seccompProfile: { type: 'RuntimeDefault' } },
      });
      expect(container.resources?.limits).toHaveProperty('memory');
      expect(Object.keys(container.resources?.requests ?? {})).toEqual(['cpu', 'memory']);
    }
    expect(deployment.spec?.template.spec).toMatchObject({ automountServiceAccountToken: false });
  });

  it('run as the image’s user, by an image of this version', () => {
    const user = /^USER (\d+):(\d+)$/m
      .exec(readRepo('Dockerfile').split('AS submilli')[1] ?? '')
      ?.slice(1)
      .map(Number);
    const { version } = JSON.parse(readRepo('package.json')) as { version: string };
    for (const { securityContext, image } of containers) {
      expect([securityContext?.runAsUser, securityContext?.runAsGroup]).toEqual(user);
      expect(image).toBe(`submilli:${version}`);
    }
  });

  it('have ports with names that Kubernetes takes, and probes that go there', () => {
    for (const { ports: named = [], livenessProbe, readinessProbe, startupProbe } of containers) {
      const names = named.map(({ name }) => name ?? '');
      for (const name of names) expect(name).toMatch(/^(?=.{1,15}$)[a-z0-9]+(-[a-z0-9]+)*$/);
      for (const probe of [livenessProbe, readinessProbe, startupProbe]) expect(names).toContain(probe?.httpGet?.port);
    }
  });

  it('mount what the pod has', () => {
    for (const pod of pods) {
      const there = pod?.volumes?.map(({ name }) => name);
      expect(pod?.containers[0]?.volumeMounts?.map(({ name }) => name)).toEqual(there);
    }
  });
});

describe('what refers to another', () => {
  it('a Service finds the pods, by ports that they have; and so does the NetworkPolicy', () => {
    const labels = deployment.spec?.template.metadata?.labels ?? {};
    for (const selector of [
      service.spec?.selector,
      networkPolicy.spec?.podSelector?.matchLabels,
      deployment.spec?.selector.matchLabels,
    ]) {
      expect(labels).toMatchObject(selector ?? { nothing: 'selected' });
    }
    const there = containers[0]?.ports?.map(({ name }) => name);
    expect(service.spec?.ports?.map(({ targetPort }) => targetPort)).toEqual(there);
    expect(networkPolicy.spec?.ingress?.[0]?.ports?.map(({ port }) => port)).toEqual(Object.values(ports));
  });

  it('Prometheus is led to ports that there are, under jobs that the alerts look for', () => {
    const names = service.spec?.ports?.map(({ name }) => name) ?? [];
    for (const { port } of serviceMonitor.spec.endpoints) expect(names).toContain(port);
    const beside = sidecarPatch.spec.template.spec.containers[0]?.ports?.map(({ name }) => name) ?? [];
    for (const { port } of podMonitor.spec.podMetricsEndpoints ?? []) expect(beside).toContain(port);
    expect(sidecarPatch.spec.template.metadata.labels).toMatchObject(
      podMonitor.spec.selector.matchLabels ?? { nothing: 'selected' },
    );
    const urls = scrapeConfig.spec.httpSDConfigs?.map(({ url }) => new URL(url)) ?? [];
    expect(urls.map(({ port, pathname }) => `${port}${pathname}`)).toEqual([
      '9091/api/v1/targets',
      '9093/api/v1/targets',
    ]);
    const jobs = [
      ...serviceMonitor.spec.endpoints.map(({ relabelings }) => relabelings),
      ...(podMonitor.spec.podMetricsEndpoints ?? []).map(({ relabelings }) => relabelings),
      scrapeConfig.spec.relabelings,
    ].map((relabelings) => relabelings?.find(({ targetLabel }) => targetLabel === 'job')?.replacement);
    for (const job of jobs) expect(job).toMatch(/^submilli/);
    expect(readRepo('alert-rules/exporters.rules.yml')).toContain('job=~"submilli.*"');
  });
});

describe('the rules', () => {
  const rules = readdirSync(join(checkout, 'alert-rules')).filter((name) => name.endsWith('.rules.yml'));

  it.each(rules)('of %s are Prometheus’ own, all of them', (file) => {
    const { spec } = parse(readRepo(join(folder, 'rules', `rules-${file.replace('.rules.yml', '')}.yaml`))) as {
      spec: object;
    };
    expect(spec).toEqual(parse(readRepo(join('alert-rules', file))));
  });
});

describe('the configurations', () => {
  it.each(Object.keys(files).filter((name) => name.endsWith('submilli.yml')))(
    '%s is one that the exporters take',
    (name) => {
      const { listen, postgres, pgbouncer } = parseConfig(files[name] ?? '', name, { POD_NAME: 'pg-0' });
      for (const [exporter, address] of Object.entries(listen)) {
        if (address !== null) expect(address).toBe(`0.0.0.0:${ports[exporter as keyof typeof ports]}`);
      }
      for (const { password, password_file } of [...postgres, ...pgbouncer]) {
        expect({ password, password_file }).toEqual({
          password: undefined,
          password_file: '/run/submilli/secrets/submilli',
        });
      }
    },
  );
});

describe.each(kustomizations)('%s', (path) => {
  const here = join(checkout, dirname(path));

  it('names files that are there, below it as kustomize demands, and no others', () => {
    const { resources, components, configMapGenerator, patches, kind } = readKustomization(path);
    const named = [
      ...resources,
      ...configMapGenerator.flatMap(({ files: all }) => all),
      ...patches.map((patch) => patch.path),
    ];
    const own = named.filter((name) => !name.startsWith('..'));
    for (const name of own)
      expect([name, existsSync(join(here, name)), name.includes('/')]).toEqual([name, true, false]);
    for (const other of [...resources.filter((name) => name.startsWith('..')), ...components]) {
      const wanted = components.includes(other) ? 'Component' : 'Kustomization';
      const found = readKustomization(join(dirname(path), other, 'kustomization.yaml'));
      expect([other, found.kind]).toEqual([other, wanted]);
    }
    if (path.startsWith(folder)) {
      expect([...own, 'kustomization.yaml'].sort()).toEqual(readdirSync(here).sort());
    }
    expect(kind === 'Component').toBe(!/(base|example)\/kustomization/.test(path));
  });

  it('makes ConfigMaps that fit: a mebibyte, and as an annotation of kubectl apply a quarter of it', () => {
    for (const { name, files: all } of readKustomization(path).configMapGenerator) {
      const bytes = all.reduce((sum, file) => sum + statSync(join(here, file)).size, 0);
      expect([name, bytes < 1024 ** 2]).toEqual([name, true]);
      const asJson = JSON.stringify(all.map((file) => readFileSync(join(here, file), 'utf8'))).length;
      expect([name, asJson < 256 * 1024]).toEqual([name, true]);
    }
  });
});

it('every dashboard is a ConfigMap', () => {
  const dashboards = readdirSync(join(checkout, 'dashboards')).filter(
    (name) => existsSync(join(checkout, 'dashboards', name)) && /^[a-z]+-[a-z]+\.json$/.test(name),
  );
  expect(
    readKustomization('dashboards/kustomization.yaml').configMapGenerator.flatMap(({ files: all }) => all),
  ).toEqual(dashboards.sort());
});
