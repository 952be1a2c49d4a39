import { NAME, places } from './common';
import { exporters, volumes } from './container';

/** The database and query exporters beside a PostgreSQL server, in its pod: what is added to each such workload. */
export const sidecarPatch = {
  apiVersion: 'apps/v1',
  kind: 'StatefulSet',
  metadata: { name: 'any' },
  spec: {
    template: {
      metadata: { labels: { 'submilli.io/exporters': 'sidecar' } },
      spec: {
        containers: [
          exporters(['database', 'query'], {
            env: [{ name: 'POD_NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }],
          }),
        ],
        // Its group is the pod's to say; only who mounts it sees it.
        volumes: volumes(`${NAME}-sidecar`, 0o444),
      },
    },
  },
};

export const sidecarConfiguration = `\
# Of a sidecar: the server in the same pod, by the pod's name. Every key is explained in the submilli.yml at the top.
state_directory: ${places.state}
listen:
  database: 0.0.0.0:9091
  query: 0.0.0.0:9093
  pool: null
  ha: null
postgres:
  - name: \${POD_NAME}
    host: 127.0.0.1
    user: submilli
    password_file: ${places.secrets}/submilli
    sslmode: prefer
`;
