import { spawnSync } from 'node:child_process';
import { chownSync, closeSync, openSync, rmSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { untilSynchronous } from './cluster';
import { CLUSTER, critical, type Fault, ofLeader, ofStandby, sparedBy, warning, type Scene } from './fault';
import { again, patronictl, run, session, value } from './lab';

/**
 * A page that is on disk and in nobody's memory, and an archive that can fail: both take a restart, which would end what
 * other faults raise.
 */
export const prepareDamage = async ({ lab, leader }: Scene): Promise<void> => {
  await run(lab, leader.port, 'CREATE TABLE faults.damaged AS SELECT generate_series(1, 10) AS id', 'CHECKPOINT');
  await patronictl(lab, 'edit-config', '--force', '--pg', 'archive_mode=on', '--pg', 'archive_command=/bin/true');
  await patronictl(lab, 'restart', CLUSTER, '--force');
  await untilSynchronous();
};

export const damagedPage: Fault = {
  what: 'a page of a table is damaged on the standby’s disk',
  raises: [critical('PostgresChecksumFailure', (scene) => ({ ...ofStandby(scene), database: 'grandmodel' }))],
  begin: async ({ lab, leader, standby }) => {
    const path = await value<string>(lab, standby.port, `SELECT pg_catalog.pg_relation_filepath('faults.damaged')`);
    const file = openSync(join(lab.state, standby.name, path), 'r+');
    writeSync(file, 'not what was written', 4096);
    closeSync(file);
    const client = await session(lab, standby.port);
    const end = again(() => client.query('SELECT count(*) FROM faults.damaged'), 1000);
    return async () => {
      await end();
      await client.end();
      await run(lab, leader.port, 'DROP TABLE faults.damaged');
    };
  },
};

export const failingArchive: Fault = {
  what: 'archive_command fails',
  raises: [critical('PostgresWalArchiveFailing', ofLeader)],
  begin: async ({ lab, leader }) => {
    const archive = (command: string): Promise<void> =>
      run(lab, leader.port, `ALTER SYSTEM SET archive_command = '${command}'`, 'SELECT pg_catalog.pg_reload_conf()');
    await archive('/bin/false');
    // The archiver sleeps for a minute after three failures, unless there is more to do.
    const client = await session(lab, leader.port);
    const end = again(async () => {
      await client.query(`SELECT pg_catalog.pg_logical_emit_message(false, 'faults', 'x')`);
      await client.query('SELECT pg_catalog.pg_switch_wal()');
    }, 3000);
    return async () => {
      await end();
      await archive('/bin/true');
      await client.query('SELECT pg_catalog.pg_switch_wal()');
      await client.end();
    };
  },
};

const subject = (scene: Scene) => ({ ...ofLeader(scene), subject: 'faults' });

export const endingCertificate: Fault = {
  what: 'the server shows a certificate that ends tomorrow',
  raises: [
    critical('PostgresCertificateExpiring', subject),
    sparedBy('PostgresCertificateExpiring', warning('PostgresCertificateExpiring', subject)),
  ],
  begin: async ({ lab, leader }) => {
    const folder = join(lab.state, leader.name);
    const [key, certificate] = [join(folder, 'faults.key'), join(folder, 'faults.crt')];
    const { status, stderr } = spawnSync(
      'openssl',
      [
        ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '1'],
        ...['-subj', '/CN=faults', '-addext', 'subjectAltName=IP:127.0.0.1', '-keyout', key, '-out', certificate],
      ],
      { encoding: 'utf8' },
    );
    if (status !== 0) throw new Error(`openssl: ${stderr}`);
    const { uid, gid } = statSync(join(folder, 'PG_VERSION'));
    for (const path of [key, certificate]) chownSync(path, uid, gid);
    const names = ['ssl', 'ssl_cert_file', 'ssl_key_file'];
    const values = ['on', certificate, key];
    const reloadConf = 'SELECT pg_catalog.pg_reload_conf()';
    await run(lab, leader.port, ...names.map((name, i) => `ALTER SYSTEM SET ${name} = '${values[i]}'`), reloadConf);
    return async () => {
      await run(lab, leader.port, ...names.map((name) => `ALTER SYSTEM RESET ${name}`), reloadConf);
      for (const path of [key, certificate]) rmSync(path);
    };
  },
};
