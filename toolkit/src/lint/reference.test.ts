import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { configSchema, type ReferenceCluster } from '@submilli/core';
import { writeBundle } from '../cluster/write-bundle';
import { checkout } from '../stack/layout';
import { includedFile, readGiven } from './files/read';
import { lint, type Report } from './run';

const out = mkdtempSync(join(tmpdir(), 'submilli-lint-'));
afterAll(() => rmSync(out, { recursive: true }));

const shown = ({ findings }: Report): string[] =>
  findings.map(({ place, line, rule, says }) => `${place.source.path}:${line} ${rule.id} ${says}`);

describe.each(['3.0.2', '3.1.2', '4.0.5'])('the reference configuration for Patroni %s', (patroni) => {
  it('has nothing that the lint would say, but for what it answers for itself', async () => {
    const member = { memory_mb: 16_384, cores: 8, disk_gb: 500 };
    const { reference } = configSchema.parse({
      reference: {
        versions: { postgresql: 15, patroni },
        members: ['pg1', 'pg2'].map((name, i) => ({ name, address: `10.0.0.1${i + 1}`, ...member })),
        etcd: ['10.0.0.21', '10.0.0.22', '10.0.0.23'].map((address, i) => ({ name: `etcd${i + 1}`, address })),
        pools: [{ name: 'pool', address: '10.0.0.31' }],
        proxies: [{ name: 'proxy', address: '10.0.0.31' }],
        clients: ['10.0.0.40'],
        watchers: ['10.0.0.50'],
      },
    });
    const folder = join(out, patroni);
    await writeBundle(reference as ReferenceCluster, folder);
    const given = readGiven([folder], undefined, () => '');
    expect(given.map(({ kind }) => kind).toSorted()).toEqual(
      ['etcd', 'etcd', 'etcd', 'haproxy', 'patroni', 'patroni', 'pgbouncer', 'userlist'].toSorted(),
    );
    const report = lint(
      given,
      {
        machine: { ...member, storage: 'ssd' },
        versions: { patroni, pgbouncer: '1.18', postgresql: 15 },
        openFiles: 1024,
      },
      includedFile,
    );
    expect(shown(report)).toEqual([]);
    for (const { reason } of report.suppressed) expect(reason.length).toBeGreaterThan(20);
  });
});

describe('what is committed', () => {
  it.each(['cluster/prometheus/prometheus.yml', 'submilli.yml'])('%s is clean', (path) => {
    const given = readGiven([join(checkout, path)], undefined, () => '');
    const context = { machine: { memory_mb: 16_384, cores: 8, storage: 'ssd' as const }, openFiles: 1024 };
    const report = lint(given, { ...context, versions: { pgbouncer: '1.18', postgresql: 15 } }, includedFile);
    expect(shown(report)).toEqual([]);
  });
});
