import { readFileSync } from 'node:fs';
import { type Config, type ReferenceCluster, type ReferenceSettings, SubmilliError } from '@submilli/core';
import { parse } from 'yaml';
import type { Parcel } from '../cluster/bundle';
import { specFromConfig } from '../cluster/from-config';
import type { Topology } from '../cluster/topology';
import { writeBundle } from '../cluster/write-bundle';
import type { Layout } from '../stack/layout';
import { readSecret } from '../stack/secrets';
import { accessOf, secretsOf } from './access';
import type { Access, DeployCluster } from './cluster';
import type { Dcs } from './dcs';
import type { Machine } from './machine';
import { localMachine } from './machines/local';
import { sshMachine } from './machines/ssh';
import type { ServiceName } from './step';
import type { Part, Wanted, WantedFile } from './wanted';
import { whysIn } from './whys';

/** Settings of the command line on those of the configuration. */
export const withSettings = (own: ReferenceSettings, more: ReferenceSettings): ReferenceSettings => ({
  postgresql: { ...own.postgresql, ...more.postgresql },
  pgbouncer: { ...own.pgbouncer, ...more.pgbouncer },
  patroni: { ...own.patroni, ...more.patroni },
});

const noReference = (where: string): SubmilliError =>
  new SubmilliError({
    ...{ what: 'there is no section reference', where },
    hint: 'Describe the cluster there: the submilli.yml that comes with Submilli has an example.',
  });

/** How to reach the cluster under `reference`, whose folder is there already. Renders nothing. */
export const referenceAccess = ({ reference }: Config, where: string, layout: Layout): Access => {
  if (reference === null) throw noReference(where);
  const spec = specFromConfig(reference, (of) => readSecret(layout, of));
  return accessOf(spec, spec.topology, layout);
};

/** The cluster under `reference` as something to deploy to. Renders it into its folder, as `cluster render` does. */
export const referenceCluster = async (
  { reference, listen }: Config,
  where: string,
  layout: Layout,
  more: ReferenceSettings,
): Promise<DeployCluster> => {
  if (reference === null) throw noReference(where);
  const described: ReferenceCluster = { ...reference, settings: withSettings(reference.settings, more) };
  const { parcels } = await writeBundle(described, layout.state);
  const spec = specFromConfig(described, (of) => readSecret(layout, of));
  const own = parcels.filter(({ name }) => name !== 'operator');
  const machines = new Map(own.map(({ name }) => [name, machineOf(name, described.deploy, where)]));
  return {
    ...accessOf(spec, spec.topology, layout),
    machines,
    wanted: wantedOf(described, own, spec.topology, layout),
    lintContext: { machine: spec.machine, versions: spec.versions },
    services: servicesOf(machines),
    secrets: secretsOf(layout),
    scoreUrl: described.deploy.score_url ?? `http://${listen.database ?? '127.0.0.1:9091'}`,
    claims: [...machines.values()].map((machine) => ({
      ...{ machine, path: `${described.directories.configuration}/.submilli-deploy` },
    })),
    work: layout.dirOf('deploy'),
  };
};

const machineOf = (name: string, { machines, ssh_config }: ReferenceCluster['deploy'], where: string): Machine => {
  const way = machines[name];
  if (way === undefined) {
    throw new SubmilliError({
      what: `how to reach ${name} is not said`,
      where,
      hint: `Under reference: deploy: machines, write ${name}: ssh://USER@HOST, or ${name}: local.`,
    });
  }
  return way === 'local' ? localMachine(name) : sshMachine(name, way, ssh_config ?? undefined);
};

/** As Debian's packages call their units; followed by nothing where it is told by its own protocol. */
const UNITS = { member: 'patroni', pool: 'pgbouncer', proxy: 'haproxy', etcd: 'etcd' } as const;

const servicesOf = (machines: ReadonlyMap<string, Machine>): DeployCluster['services'] => {
  const tell = async (verb: 'reload' | 'restart', { kind, name }: ServiceName): Promise<void> => {
    const asRoot = 'if [ "$(id -u)" = 0 ]; then exec systemctl "$@"; else exec sudo -n systemctl "$@"; fi';
    await machines
      .get(name)
      ?.run(['sh', '-c', asRoot, 'systemctl', verb, UNITS[kind]], `${verb} of ${UNITS[kind]} on ${name}`);
  };
  return { reload: (service) => tell('reload', service), restart: (service) => tell('restart', service) };
};

const wantedOf = (
  reference: ReferenceCluster,
  parcels: readonly Parcel[],
  topology: Topology,
  layout: Layout,
): Wanted => {
  const { configuration } = reference.directories;
  const member = parcels.find(({ files }) => files['patroni.yml'] !== undefined);
  const text = member?.files['patroni.yml'] ?? '';
  const files = parcels.flatMap((parcel): WantedFile[] => {
    const service = serviceOf(parcel.name, topology);
    const file = (name: string, content: Buffer, more: Pick<WantedFile, 'mode' | 'part' | 'secret'>): WantedFile => ({
      ...{
        machine: parcel.name,
        path: `${configuration}/${name}`,
        content,
        once: name.endsWith('/primary.ini'),
        ...more,
      },
    });
    const beside: Part = service.kind === 'etcd' ? { of: undefined, note: undefined } : { of: service, is: 'beside' };
    const certificate = (name: string) =>
      file(`certs/${name}.crt`, readFileSync(layout.certOf(name)), { mode: 0o644, part: beside, secret: false });
    return [
      ...Object.entries(parcel.files).map(([name, own]) =>
        file(name, Buffer.from(own), { mode: 0o600, part: partOf(name, service), secret: false }),
      ),
      ...[...parcel.authorities, ...parcel.certificates].map(certificate),
      ...parcel.certificates.map((name) =>
        file(`certs/${name}.key`, readFileSync(layout.keyOf(name)), { mode: 0o600, part: beside, secret: true }),
      ),
      ...parcel.secrets.map((name) =>
        file(`secrets/${name}`, Buffer.from(`${readSecret(layout, name)}\n`), {
          mode: 0o600,
          part: beside,
          secret: true,
        }),
      ),
    ];
  });
  return {
    ...{ cluster: reference.scope, files, whys: whysIn(text) },
    dcs: (parse(text) as { bootstrap: { dcs: Dcs } }).bootstrap.dcs,
  };
};

const serviceOf = (name: string, { members, pools, etcd }: Topology): ServiceName => {
  const among = (list: readonly { readonly name: string }[]): boolean => list.some((one) => one.name === name);
  return { kind: among(members) ? 'member' : among(pools) ? 'pool' : among(etcd) ? 'etcd' : 'proxy', name };
};

const CONFIGURATIONS = ['patroni.yml', 'pgbouncer.ini', 'haproxy.cfg', 'etcd.yml'];
const NOTES: Readonly<Record<string, string | undefined>> = {
  'sysctl.conf': 'sysctl.conf counts when it is copied to /etc/sysctl.d and read: sysctl --system',
  'follow-primary.service':
    'follow-primary.service counts when it is copied to /etc/systemd/system: then daemon-reload, restart',
  'lossless.py': 'lossless.py counts when Patroni itself is started again',
  'pgbackrest-schedule.service':
    'pgbackrest-schedule.service counts when it is copied to /etc/systemd/system: then daemon-reload, enable, restart; until it has made the stanza, WAL waits',
  // pgBackRest reads it whenever it runs.
  'pgbackrest.conf': undefined,
};

const partOf = (path: string, service: ServiceName): Part => {
  const name = path.split('/').at(-1) ?? path;
  if (CONFIGURATIONS.includes(name)) return { of: service, is: 'configuration' };
  return name in NOTES ? { of: undefined, note: NOTES[name] } : { of: service, is: 'beside' };
};
