import { loadConfig, parseConfig } from './load';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const base = 'name: w1, witnesses: [w1, w2, w3], scope: main';
const witness = (text: string) => parseConfig(`witness: {${text}}`, 'submilli.yml', {}).witness;
const withEtcd = (etcd: string) => witness(`${base}, etcd: {urls: ["https://e1:2379"]${etcd}}`);

describe('the configuration of a witness', () => {
  it('is off unless it is there', () => {
    expect(parseConfig('', 'submilli.yml', {}).witness).toBeNull();
  });

  it('has defaults for everything but who and where', () => {
    expect(withEtcd('')).toMatchObject({
      ...{ namespace: '/service/', prefix: '/submilli/witness/', listen: '127.0.0.1:9095' },
      ...{ checks: 4, interval_ms: 250, timeout_ms: 250, cooldown_seconds: 60 },
    });
  });

  it('names at least three witnesses, an odd number, each once, and itself among them', () => {
    const named = (names: string) => () =>
      witness(`name: w1, witnesses: [${names}], scope: main, etcd: {urls: ["http://e"]}`);
    expect(named('w1')).toThrow('witness.witnesses');
    expect(named('w1, w2, w3, w4')).toThrow('witness.witnesses: expected an odd number of names');
    expect(named('w1, w2, w2')).toThrow('witness.witnesses: expected each name once');
    expect(named('w2, w3, w4')).toThrow('witness.witnesses: expected a list with this witness, w1, in it');
  });

  it('takes certificates and credentials whole or not at all, and repeats no password', () => {
    expect(() => withEtcd(', cert_file: a')).toThrow('cert_file and key_file together');
    expect(() => withEtcd(', user: u')).toThrow('user and a password');
    expect(() => withEtcd(', password: p')).toThrow('user and a password');
    expect(() => withEtcd(', user: u, password: p, password_file: f')).toThrow('either password or password_file');
    expect(() => withEtcd(', user: u, password: [hunter2]')).not.toThrow('hunter2');
  });

  it('is bounded', () => {
    expect(() => witness(`${base}, etcd: {urls: ["http://e"]}, checks: 1`)).toThrow('witness.checks');
    expect(() => witness(`${base}, etcd: {urls: ["http://e"]}, interval_ms: 1`)).toThrow('witness.interval_ms');
    expect(() => witness(`${base}, etcd: {urls: []}`)).toThrow('witness.etcd.urls');
  });

  it('takes paths relative to the file', () => {
    const folder = mkdtempSync(join(tmpdir(), 'submilli-config-'));
    const file = join(folder, 'submilli.yml');
    writeFileSync(
      file,
      `witness: {${base}, etcd: {urls: ["https://e"], ca_file: ca, user: u, password_file: p}, patroni: {ca_file: pca}}`,
    );
    expect(loadConfig(file).witness).toMatchObject({
      etcd: { ca_file: join(folder, 'ca'), password_file: join(folder, 'p') },
      patroni: { ca_file: join(folder, 'pca') },
    });
  });
});
