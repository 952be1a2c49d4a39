import { spawnSync } from 'node:child_process';
import { chownSync, closeSync, openSync, rmSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { layoutOf } from '../../../src/stack/layout';
import { memberBy } from '../stack';
import { untilSynchronous } from './cluster';
import { CLUSTER, critical, type Fault, ofLeader, ofStandby, sparedBy, warning, type Scene } from './fault';
import { again, patronictl, run, session, value } from './lab';

/** A page that is on disk and in nobody's memory: that takes a restart, which would end what other faults raise. */
export const prepareDamage = async ({ lab, leader }: Scene): Promise<void> => {
  await run(lab, leader.port, 'CREATE TABLE faults.damaged AS SELECT generate_series(1, 10) AS id', 'CHECKPOINT');
  await patronictl(lab, 'restart', CLUSTER, '--force');
  await untilSynchronous();
};

export const damagedPage: Fault = {
  what: 'a page of a table is damaged on the standby’s disk',
  raises: [critical('PostgresChecksumFailure', (scene) => ({ ...ofStandby(scene), database: 'grandmodel' }))],
  begin: async ({ lab, standby }) => {
    const path = await value<string>(lab, standby.port, `SELECT pg_catalog.pg_relation_filepath('faults.damaged')`);
    const file = openSync(join(lab.state, standby.name, path), 'r+');
    writeSync(file, 'not what was written', 4096);
    closeSync(file);
    const client = await session(lab, standby.port);
    const end = again(() => client.query('SELECT count(*) FROM faults.damaged'), 1000);
    return async () => {
      await end();
      await client.end();
      // Without etcd another may have become the leader.
      await run(lab, (await memberBy(true)).port, 'DROP TABLE faults.damaged');
    };
  },
};

const openssl = (...args: readonly string[]): void => {
  const { status, stderr } = spawnSync('openssl', args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`openssl: ${stderr}`);
};

const subject = (scene: Scene) => ({ ...ofLeader(scene), subject: 'faults' });

export const endingCertificate: Fault = {
  what: 'the server shows a certificate that ends tomorrow',
  raises: [
    critical('PostgresCertificateExpiring', subject),
    sparedBy('PostgresCertificateExpiring', warning('PostgresCertificateExpiring', subject)),
  ],
  begin: async ({ lab, leader }) => {
    const layout = layoutOf(lab.state);
    const folder = layout.dirOf(leader.name);
    const [key, request, certificate] = ['key', 'csr', 'crt'].map((kind) => join(folder, `faults.${kind}`)) as [
      ...[string, string, string],
    ];
    // Signed by the authority of the cluster: all go on to trust it, for a day.
    openssl(
      ...['req', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-subj', '/CN=faults'],
      ...['-addext', 'subjectAltName=IP:127.0.0.1,DNS:localhost', '-keyout', key, '-out', request],
    );
    openssl(
      ...['x509', '-req', '-in', request, '-copy_extensions', 'copy', '-days', '1', '-out', certificate],
      ...['-CA', layout.certOf('ca'), '-CAkey', layout.keyOf('ca')],
    );
    const { uid, gid } = statSync(join(folder, 'PG_VERSION'));
    for (const path of [key, certificate]) chownSync(path, uid, gid);
    const settings = [`ssl_cert_file = '${certificate}'`, `ssl_key_file = '${key}'`];
    const reloadConf = 'SELECT pg_catalog.pg_reload_conf()';
    await run(lab, leader.port, ...settings.map((setting) => `ALTER SYSTEM SET ${setting}`), reloadConf);
    return async () => {
      const names = ['ssl_cert_file', 'ssl_key_file'];
      await run(lab, leader.port, ...names.map((name) => `ALTER SYSTEM RESET ${name}`), reloadConf);
      for (const path of [key, request, certificate]) rmSync(path);
    };
  },
};
