import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { stackCommand } from '../../src/commands/stack';
import { composeFile, dockerStages, instructionsOf, type ComposeService } from './files';
import { checkout, readRepo } from './tools';

const { services, networks, volumes, secrets } = composeFile();
const each = Object.entries(services);
const stages = dockerStages();

const isJob = ({ restart }: ComposeService): boolean => restart === 'no';
const mounts = each.flatMap(([name, service]) =>
  (service.volumes ?? []).map((text) => {
    const [source = '', target = '', mode] = text.split(':');
    return { name, source, target, mode };
  }),
);
const binds = mounts.filter(({ source }) => source.startsWith('.'));
const exposedOf = (target: string | undefined): string[] =>
  stages.filter(({ name }) => name === target).flatMap((stage) => instructionsOf(stage, 'EXPOSE').flat());

describe.each(each)('the service %s', (_, service) => {
  it('has a health check, or is a job that ends', () => {
    expect(isJob(service) || service.healthcheck !== undefined).toBe(true);
  });

  it('runs an image with a pinned version; its own is built, never pulled', () => {
    expect(service.image).toMatch(/^(docker\.io\/[a-z]+\/[a-z]+|localhost\/submilli[a-z-]*):v?\d+\.\d+\.\d+$/);
    if (!service.image.startsWith('localhost/')) return;
    expect(service.pull_policy).toBe('build');
    expect(stages.map(({ name }) => name)).toContain(service.build?.target);
  });

  it('runs as an ordinary user, without capabilities, on a read-only file system', () => {
    const stage = stages.find(({ name }) => name === service.build?.target);
    const user = service.user ?? (stage && instructionsOf(stage, 'USER').at(-1)?.[0]);
    expect(user).toMatch(/^[1-9]\d*:/);
    expect(service).toMatchObject({
      read_only: true,
      cap_drop: ['ALL'],
      security_opt: ['no-new-privileges:true'],
    });
    expect(service).not.toHaveProperty('cap_add');
    expect(service).not.toHaveProperty('privileged');
    expect(service).not.toHaveProperty('network_mode');
  });

  it('has a limit on memory, processors and processes', () => {
    expect(service.mem_limit).toMatch(/^\d+[mg]$/);
    expect(service.cpus).toBeGreaterThan(0);
    expect(service.pids_limit).toBeGreaterThan(0);
  });

  it('publishes ports on 127.0.0.1 only', () => {
    expect((service.ports ?? []).filter((port) => !/^127\.0\.0\.1:\d+:\d+$/.test(port))).toEqual([]);
  });

  it('is given passwords as files only', () => {
    const entries = Object.entries(service.environment ?? {}).filter(
      ([key, value]) => /pass|secret|token|key/i.test(key) && !/^(true|false)$/.test(value),
    );
    expect(entries.filter(([, value]) => !value.startsWith('/run/secrets/'))).toEqual([]);
    const words = (service.command ?? []).filter((word) => /pass|secret|token/i.test(word));
    expect(words.filter((word) => !word.includes('/run/secrets/'))).toEqual([]);
  });

  it('waits for what can be waited for', () => {
    for (const [name, { condition }] of Object.entries(service.depends_on ?? {})) {
      const other = services[name];
      expect([name, condition]).toEqual([
        name,
        other !== undefined && isJob(other) ? 'service_completed_successfully' : 'service_healthy',
      ]);
    }
  });
});

describe('the services together', () => {
  it('publish the ports the README names, each once', () => {
    const published = each.flatMap(([, { ports }]) => (ports ?? []).map((port) => Number(port.split(':')[1])));
    const exporters = [9091, 9092, 9093, 9094];
    expect(published.sort((a, b) => a - b)).toEqual([3000, 5432, 5433, 6432, 9090, ...exporters, 9099]);
  });

  it('publish only ports their own images expose', () => {
    const wrong = each
      .filter(([, { build }]) => build !== undefined)
      .flatMap(([name, { build, ports }]) =>
        (ports ?? [])
          .map((port) => port.split(':')[2] ?? '')
          .filter((port) => !exposedOf(build?.target).includes(port))
          .map((port) => `${name} ${port}`),
      );
    expect(wrong).toEqual([]);
  });

  it('mount files of this repository, read-only', () => {
    const wrong = binds.filter(({ source, mode }) => mode !== 'ro' || !existsSync(join(checkout, source)));
    expect(wrong).toEqual([]);
  });

  it('mount every configuration made for containers', () => {
    const used = binds.map(({ source }) => source).join('\n');
    for (const name of readdirSync(join(checkout, 'cluster/docker')).filter((file) => file.endsWith('.yml'))) {
      expect(used).toContain(`./cluster/docker/${name}`);
    }
  });

  it('declare what they use and use what they declare', () => {
    const named = mounts.map(({ source }) => source).filter((source) => !source.startsWith('.'));
    expect([...new Set(named)].sort()).toEqual(Object.keys(volumes).sort());
    expect([...new Set(each.flatMap(([, s]) => s.networks))].sort()).toEqual(Object.keys(networks).sort());
    expect([...new Set(each.flatMap(([, s]) => s.secrets ?? []))].sort()).toEqual(Object.keys(secrets).sort());
  });

  it('let only the members reach etcd', () => {
    const reach = each.filter(([, service]) => service.networks.includes('consensus')).map(([name]) => name);
    expect(reach).toEqual(['etcd', 'pg1', 'pg2']);
    expect(services.etcd?.networks).toEqual(['consensus']);
    expect(networks.consensus).toEqual({ internal: true });
  });

  it('take every secret from a file in the folder of secrets', () => {
    for (const [name, { file }] of Object.entries(secrets)) {
      expect(file).toMatch(new RegExp(`^\\$\\{SUBMILLI_SECRETS(:\\?[^}]*)?\\}/${name}$`));
    }
    expect(readRepo('docker-compose.yml')).not.toMatch(/password\s*[:=]\s*[^\s/]/i);
  });

  it('start follow-primary with options it has, for the members there are', () => {
    const [first = '', second = '', ...options] = services['follow-primary']?.command ?? [];
    expect(first).toBe('stack');
    const command = stackCommand().commands.find((c) => c.name() === second);
    const known = command?.options.map(({ long }) => long);
    expect(known).toEqual(expect.arrayContaining(options.map((option) => option.split('=')[0])));
    const members = options.filter((o) => o.startsWith('--member=')).map((o) => /,(\w+):/.exec(o)?.[1]);
    expect(members).toEqual(['pg1', 'pg2']);
  });
});
