import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CertificatePlan } from '../cluster/certificates';
import { ensureCertificates } from './certificates';
import { layoutOf } from './layout';

const layout = layoutOf(mkdtempSync(join(tmpdir(), 'submilli-certificates-')));
const plansFor = (address: string): CertificatePlan[] => [
  { name: 'pg1', authority: 'ca', commonName: 'pg1', names: [address, 'pg1'], usages: ['server'] },
  { name: 'pg1-etcd', authority: 'etcd-ca', commonName: 'pg1', names: [], usages: ['client'] },
];
const ensure = (now?: number, address = '127.0.0.1') => ensureCertificates(layout, plansFor(address), undefined, now);
const verify = (authority: string, name: string, purpose: string): string =>
  spawnSync(
    'openssl',
    ['verify', '-CAfile', layout.certOf(authority), '-purpose', purpose, '-x509_strict', layout.certOf(name)],
    { encoding: 'utf8' },
  ).stdout.trim();

afterAll(() => rmSync(layout.state, { recursive: true }));

describe('the certificates in a state directory', () => {
  it('are made once, with keys for their owner alone, and stay', async () => {
    expect(await ensure()).toEqual(['ca', 'etcd-ca', 'pg1', 'pg1-etcd']);
    for (const name of ['ca', 'etcd-ca', 'pg1', 'pg1-etcd'])
      expect(statSync(layout.keyOf(name)).mode & 0o777).toBe(0o600);
    const before = readFileSync(layout.certOf('pg1'), 'utf8');
    expect(await ensure()).toEqual([]);
    expect(readFileSync(layout.certOf('pg1'), 'utf8')).toBe(before);
  });

  it('hold for what they are made for, by the authority they are of, and for nothing else', () => {
    const path = layout.certOf('pg1');
    expect(verify('ca', 'pg1', 'sslserver')).toBe(`${path}: OK`);
    expect(verify('ca', 'pg1', 'sslclient')).not.toContain('OK');
    expect(verify('etcd-ca', 'pg1', 'sslserver')).not.toContain('OK');
    expect(verify('etcd-ca', 'pg1-etcd', 'sslclient')).toContain('OK');
    expect(verify('etcd-ca', 'pg1-etcd', 'sslserver')).not.toContain('OK');
  });

  it('are made anew when they would soon end', async () => {
    const inAYear = Date.now() + 370 * 86_400_000;
    expect(await ensure(inAYear)).toEqual(['pg1', 'pg1-etcd']);
  });

  it('are made anew for other names, and all of them for another authority', async () => {
    expect(await ensure(undefined, '10.0.0.11')).toEqual(['pg1']);
    rmSync(layout.keyOf('ca'));
    expect(await ensure()).toEqual(['ca', 'pg1']);
    expect(verify('ca', 'pg1', 'sslserver')).toContain('OK');
  });
});
