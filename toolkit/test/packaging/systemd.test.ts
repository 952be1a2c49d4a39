import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { configSchema, type ReferenceCluster } from '@submilli/core';
import { writeBundle } from '../../src/cluster/write-bundle';
import { flatten, treeOf } from '../../src/command-line/tree';
import { createProgram } from '../../src/program';
import { checkout, readRepo, run, type Ran } from '../compose/tools';

const folder = 'packaging/systemd';
const units = readdirSync(join(checkout, folder)).filter((name) => /\.(service|timer)$/.test(name));
const services = units.filter((name) => name.endsWith('.service'));
const textOf = (unit: string): string => readRepo(join(folder, unit));

/** The units as they would be installed, with the programs of this checkout. */
const installed = mkdtempSync(join(tmpdir(), 'submilli-units-'));
const onThisMachine = (text: string): string =>
  text.replaceAll(/^ExecStart=submilli /gm, `ExecStart=${join(checkout, 'toolkit', 'bin', 'submilli.js')} `);

/** No systemd need run. `--man=no`: the pages that units name are not installed here. */
const analyze = (...args: string[]): Ran =>
  run('systemd-analyze', args, { env: { SYSTEMD_UNIT_PATH: `${installed}:`, SYSTEMD_COLORS: '0' } });

beforeAll(() => {
  cpSync(join(checkout, folder), installed, { recursive: true });
  for (const unit of services) writeFileSync(join(installed, unit), onThisMachine(textOf(unit)));
});
afterAll(() => rmSync(installed, { recursive: true }));

describe.each(units)('%s', (unit) => {
  it('is understood by systemd, every line of it', () => {
    expect(analyze('verify', '--man=no', join(installed, unit))).toEqual({ status: 0, output: '' });
  });
});

describe.each(services)('%s', (unit) => {
  it('exposes little: 2.0 of 10 at most, as systemd counts', () => {
    const { status, output } = analyze(
      'security',
      '--no-pager',
      '--offline=true',
      '--threshold=20',
      join(installed, unit),
    );
    expect({ status, output: status === 0 ? '' : output }).toEqual({ status: 0, output: '' });
    expect(output).toContain(`Overall exposure level for ${unit}`);
  });

  it('has bounds, and nobody’s home, root or secret', () => {
    const text = textOf(unit);
    expect(text).toMatch(/^MemoryMax=\d+[MG]$/m);
    expect(text).toMatch(/^User=(submilli(-\w+)?|postgres)$/m);
    expect(text).not.toMatch(/^Environment=.*(PASSWORD|SECRET|TOKEN)/im);
  });

  it('runs a command that there is, with options that it has', () => {
    const [, line = ''] = /^ExecStart=submilli (.*)$/m.exec(textOf(unit)) ?? [];
    const command = flatten(treeOf(createProgram())).findLast(({ path }) => line.startsWith(`${path.join(' ')} `));
    expect(command?.path).not.toEqual([]);
    const known = command?.options.map(({ long }) => long) ?? [];
    const given = [...line.matchAll(/--[a-z-]+/g)].map(([option]) => option);
    expect(given.length).toBeGreaterThan(0);
    expect(known).toEqual(expect.arrayContaining(given));
  });
});

it('a unit that is wrong or open would be noticed', () => {
  const unit = join(installed, 'wrong.service');
  writeFileSync(unit, '[Service]\nExecStart=/nowhere/submilli\nMemoryMacks=1G\n');
  const { status, output } = analyze('verify', '--man=no', unit);
  expect(status).not.toBe(0);
  expect(output).toContain("Unknown key 'MemoryMacks'");
  expect(analyze('security', '--no-pager', '--offline=true', '--threshold=20', unit).status).not.toBe(0);
});

it('every timer has its service', () => {
  for (const timer of units.filter((name) => name.endsWith('.timer'))) {
    expect(services).toContain(timer.replace('.timer', '.service'));
  }
});

it('docs/systemd.md names every unit', () => {
  for (const unit of units) expect(readRepo('docs/systemd.md')).toContain(unit);
});

describe('the units that submilli cluster render writes', () => {
  const out = mkdtempSync(join(tmpdir(), 'submilli-rendered-'));
  afterAll(() => rmSync(out, { recursive: true }));

  it('are understood by systemd', async () => {
    const member = { memory_mb: 16_384, cores: 8, disk_gb: 500 };
    const { reference } = configSchema.parse({
      reference: {
        ...{ scope: 'orders', database: 'orders', application: 'shop' },
        versions: { postgresql: 15, patroni: '3.0.2' },
        members: ['10.0.0.11', '10.0.0.12'].map((address, i) => ({ name: `pg${i + 1}`, address, ...member })),
        etcd: ['10.0.0.21', '10.0.0.22', '10.0.0.23'].map((address, i) => ({ name: `etcd${i + 1}`, address })),
        pools: [{ name: 'pool', address: '10.0.0.31' }],
        ...{ proxies: [], clients: ['10.0.0.40'], watchers: ['10.0.0.50'] },
        backup: {
          repositories: [{ path: '/var/lib/pgbackrest' }, { path: '/srv/pgbackrest' }],
          retention_days: 30,
          directory: '/var/spool/pgbackrest',
        },
      },
    });
    await writeBundle(reference as ReferenceCluster, out);
    const rendered = readdirSync(out, { recursive: true, encoding: 'utf8' }).filter((name) =>
      name.endsWith('.service'),
    );
    expect(rendered.map((name) => name.replace(/^.*\//, ''))).toEqual(
      expect.arrayContaining(['pgbackrest-schedule.service', 'follow-primary.service']),
    );
    for (const name of rendered) {
      const path = join(out, name);
      writeFileSync(path, onThisMachine(readFileSync(path, 'utf8')));
      expect({ name, ...analyze('verify', '--man=no', path) }).toEqual({ name, status: 0, output: '' });
    }
  });
});
