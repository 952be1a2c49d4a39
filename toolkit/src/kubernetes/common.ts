import { version } from '../version';

/** What the manifests have in common. */
export const NAME = 'submilli';

/** Replaced by `images` of a kustomization: where yours is. */
export const image = `submilli:${version}`;

/** As packaging/kubernetes/base/submilli.yml has them under listen. */
export const ports = { database: 9091, pool: 9092, query: 9093, ha: 9094 } as const;

export type ExporterPort = keyof typeof ports;

export const selector = { 'app.kubernetes.io/name': NAME, 'app.kubernetes.io/component': 'exporters' } as const;

export const labels = { ...selector, 'app.kubernetes.io/part-of': NAME } as const;

/** Where configuration, secrets and state are in a container. */
export const places = {
  configuration: '/etc/submilli',
  secrets: '/run/submilli/secrets',
  state: '/var/lib/submilli',
} as const;

/** The Secret that is expected: one key for each `password_file`. Nothing here makes it. */
export const SECRET = 'submilli-secrets';
