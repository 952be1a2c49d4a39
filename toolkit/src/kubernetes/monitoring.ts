import type { IPodMonitor } from '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1/PodMonitor';
import type { IPrometheusRule } from '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1/PrometheusRule';
import type { IServiceMonitor } from '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1/ServiceMonitor';
import type { IScrapeConfig } from '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1alpha1/ScrapeConfig';
import { type ExporterPort, labels, NAME, ports, selector } from './common';

const interval = { interval: '15s', scrapeTimeout: '10s' };

/** Which cluster it is, the exporters leave to Prometheus. Rules look for jobs that begin with submilli. */
const said = (job: string) =>
  [
    { targetLabel: 'cluster', replacement: 'main', action: 'replace' },
    { targetLabel: 'job', replacement: job, action: 'replace' },
  ] as const;

/** What there is one of: the pool, and what is said of the cluster as a whole. */
export const serviceMonitor: IServiceMonitor = {
  apiVersion: 'monitoring.coreos.com/v1',
  kind: 'ServiceMonitor',
  metadata: { name: NAME, labels },
  spec: {
    selector: { matchLabels: selector },
    endpoints: (['pool', 'ha'] as const).map((port) => ({ port, ...interval, relabelings: [...said(NAME)] })),
  },
};

/** Every server by its name: a ServiceMonitor can't ask who they are, a ScrapeConfig (operator 0.65 and newer) can. */
export const scrapeConfig: IScrapeConfig = {
  apiVersion: 'monitoring.coreos.com/v1alpha1',
  kind: 'ScrapeConfig',
  metadata: { name: `${NAME}-servers`, labels },
  spec: {
    httpSDConfigs: (['database', 'query'] as const).map((name) => ({ url: targetsOf(name), refreshInterval: '1m' })),
    relabelings: [...said(`${NAME}-servers`)],
    ...{ scrapeInterval: interval.interval, scrapeTimeout: interval.scrapeTimeout },
  },
};

function targetsOf(name: ExporterPort): string {
  return `http://${NAME}.monitoring.svc:${ports[name]}/api/v1/targets`;
}

/** Where the exporters are sidecars, each of its own server. */
export const podMonitor: IPodMonitor = {
  apiVersion: 'monitoring.coreos.com/v1',
  kind: 'PodMonitor',
  metadata: { name: `${NAME}-sidecars`, labels },
  spec: {
    selector: { matchLabels: { 'submilli.io/exporters': 'sidecar' } },
    podMetricsEndpoints: (['database', 'query'] as const).map((port) => ({
      port,
      ...interval,
      relabelings: [
        ...said(`${NAME}-servers`),
        { sourceLabels: ['__meta_kubernetes_pod_name'], targetLabel: 'target', action: 'replace' },
      ],
    })),
  },
};

type RuleFile = { readonly groups: NonNullable<NonNullable<IPrometheusRule['spec']>['groups']> };

/** A file of alert-rules/, as Prometheus' operator takes it: the same groups. */
export const prometheusRule = (file: string, { groups }: RuleFile): IPrometheusRule => ({
  apiVersion: 'monitoring.coreos.com/v1',
  kind: 'PrometheusRule',
  metadata: { name: `${NAME}-${file}`, labels },
  spec: { groups },
});
