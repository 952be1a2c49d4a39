import type { IDeployment } from 'kubernetes-models/apps/v1/Deployment';
import type { INetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1/NetworkPolicy';
import type { IService } from 'kubernetes-models/v1/Service';
import type { IServiceAccount } from 'kubernetes-models/v1/ServiceAccount';
import { type ExporterPort, labels, NAME, ports, selector } from './common';
import { exporters, podSecurity, volumes } from './container';

const all = Object.keys(ports) as ExporterPort[];

/** It asks nothing of the API server, and gets no token. */
export const serviceAccount: IServiceAccount = {
  apiVersion: 'v1',
  kind: 'ServiceAccount',
  metadata: { name: NAME, labels },
  automountServiceAccountToken: false,
};

export const deployment: IDeployment = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: NAME, labels },
  spec: {
    // Two would ask each server twice, and their roles' connections are few; so the old one ends first, too.
    replicas: 1,
    strategy: { type: 'Recreate' },
    selector: { matchLabels: selector },
    template: {
      metadata: { labels },
      spec: {
        serviceAccountName: NAME,
        automountServiceAccountToken: false,
        enableServiceLinks: false,
        securityContext: { ...podSecurity, fsGroup: 10001 },
        containers: [exporters(all)],
        volumes: volumes(NAME, 0o440),
        terminationGracePeriodSeconds: 30,
      },
    },
  },
};

export const service: IService = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: NAME, labels },
  spec: {
    selector,
    ports: all.map((name) => ({ name, port: ports[name], targetPort: name })),
  },
};

const tcp = (port: number): { protocol: 'TCP'; port: number } => ({ protocol: 'TCP', port });

/**
 * In: Prometheus and Grafana, by the namespace they are in. Out: names, and the ports of what is watched, wherever it is.
 */
export const networkPolicy: INetworkPolicy = {
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name: NAME, labels },
  spec: {
    podSelector: { matchLabels: selector },
    policyTypes: ['Ingress', 'Egress'],
    ingress: [
      {
        from: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'monitoring' } } }],
        ports: Object.values(ports).map(tcp),
      },
    ],
    egress: [{ ports: [{ protocol: 'UDP', port: 53 }, tcp(53)] }, { ports: [5432, 6432, 8008, 2379, 2381].map(tcp) }],
  },
};
