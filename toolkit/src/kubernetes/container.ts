import type { IIoK8sApiCoreV1Container as Container } from 'kubernetes-models/v1/Container';
import type { IIoK8sApiCoreV1Volume as Volume } from 'kubernetes-models/v1/Volume';
import { type ExporterPort, image, NAME, places, ports, SECRET } from './common';

/** The user in the image; it needs nothing of the node. */
export const podSecurity = {
  runAsNonRoot: true,
  runAsUser: 10001,
  runAsGroup: 10001,
  seccompProfile: { type: 'RuntimeDefault' },
} as const;

/** The exporters of these ports. As a sidecar it shares a pod with others: what it must be, it says itself. */
export const exporters = (names: readonly ExporterPort[], container: Partial<Container> = {}): Container => ({
  name: NAME,
  image,
  args: ['serve', ...(names.length === 4 ? [] : names), '--config', `${places.configuration}/submilli.yml`],
  // A name has 15 letters at most.
  ports: names.map((name) => ({ name, containerPort: ports[name] })),
  // A target that is down is no reason to start again: both answer as long as the process can.
  startupProbe: { ...probe(names, '/-/ready'), periodSeconds: 2, failureThreshold: 30 },
  readinessProbe: { ...probe(names, '/-/ready'), periodSeconds: 10, timeoutSeconds: 3 },
  livenessProbe: { ...probe(names, '/-/healthy'), periodSeconds: 20, timeoutSeconds: 5, failureThreshold: 6 },
  // No limit of CPU: a throttled exporter measures its own waits.
  resources: { requests: { cpu: '50m', memory: '160Mi' }, limits: { memory: '512Mi' } },
  securityContext: {
    ...podSecurity,
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ['ALL'] },
  },
  volumeMounts: [
    { name: 'submilli-configuration', mountPath: places.configuration, readOnly: true },
    { name: 'submilli-secrets', mountPath: places.secrets, readOnly: true },
    { name: 'submilli-state', mountPath: places.state },
  ],
  ...container,
});

const probe = ([first = 'database']: readonly ExporterPort[], path: string) => ({
  httpGet: { path, port: first },
});

export const volumes = (configMap: string, secretMode: number): Volume[] => [
  { name: 'submilli-configuration', configMap: { name: configMap } },
  { name: 'submilli-secrets', secret: { secretName: SECRET, defaultMode: secretMode } },
  // Lost with the pod, and with it the history of advice, and nothing else.
  { name: 'submilli-state', emptyDir: { sizeLimit: '256Mi' } },
];
