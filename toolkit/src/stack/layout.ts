import { join } from 'node:path';

/** Where everything of one stack lives, below its state directory. */
export type Layout = ReturnType<typeof layoutOf>;

export const layoutOf = (state: string) => ({
  state,
  /** Supervisor and services: pids, ports, states. */
  stateFile: join(state, 'state.json'),
  logs: join(state, 'logs'),
  /** A service's standard output and error. */
  logOf: (name: string): string => join(state, 'logs', `${name}.log`),
  /** One file per secret, mode 0600, readable by the account that runs the services. */
  secrets: join(state, 'secrets'),
  secretOf: (name: string): string => join(state, 'secrets', name),
  /** NAME.crt for all to read, NAME.key for the account that runs the services; ca.crt is whom to trust. */
  certs: join(state, 'certs'),
  certOf: (name: string): string => join(state, 'certs', `${name}.crt`),
  keyOf: (name: string): string => join(state, 'certs', `${name}.key`),
  /** The folder of a service that keeps files: etcd1, pg1, patroni, pgbouncer, prometheus, alertmanager, exporters. */
  dirOf: (name: string): string => join(state, name),
  /** The generated configuration of the exporters. */
  exporterConfig: join(state, 'submilli.yml'),
  /** There once the first start has finished creating data: later starts reuse it. */
  created: join(state, 'created.json'),
});

/** The root of this checkout: where cluster/ and the built toolkit are. */
export const checkout = join(__dirname, '..', '..', '..');

export const submilliBin = join(checkout, 'toolkit', 'bin', 'submilli.js');
