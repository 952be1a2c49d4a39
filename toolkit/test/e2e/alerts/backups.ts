import { execFile } from 'node:child_process';
import {
  chownSync,
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Backups } from '@submilli/ha';
import { layoutOf } from '../../../src/stack/layout';
import { memberBy, submilli, until } from '../stack';
import { CLUSTER, critical, type Fault, ofCluster, ofLeader, sparedBy, warning, type Scene } from './fault';
import { again, type Lab, run, service, session, value } from './lab';

const execute = promisify(execFile);

const repository = (key: number) => () => ({ cluster: CLUSTER, repository: String(key) });
const repositories = ({ state }: Lab): string => join(state, 'repositories');

const ownerOf = ({ lab, leader }: Scene): { uid: number; gid: number } => {
  const { uid, gid } = statSync(join(lab.state, leader.name, 'PG_VERSION'));
  return { uid, gid };
};

/**
 * pgBackRest on the machine of the primary, as the account and with the certificate that the schedule has. It refuses
 * ([050]) while another has its lock, as the archiver has for a moment whenever there is WAL: then it is asked again.
 */
const pgbackrest = async (scene: Scene, ...args: readonly string[]): Promise<void> => {
  const ask = (): Promise<string> =>
    askPgbackrest(scene, args).then(
      () => '',
      (error: unknown) => String(error),
    );
  const refusal = await until(60, ask, (said) => !said.includes('[050]'));
  if (refusal !== '') throw new Error(refusal);
};

const askPgbackrest = async (scene: Scene, args: readonly string[]): Promise<void> => {
  const { lab, leader } = scene;
  const layout = layoutOf(lab.state);
  const config = join(lab.state, 'pgbackrest', `${leader.name}.conf`);
  await execute('pgbackrest', [`--config=${config}`, '--stanza=grandmodel', ...args], {
    ...ownerOf(scene),
    cwd: '/',
    timeout: 200_000,
    env: {
      ...{ PATH: '/usr/bin:/bin', PGHOST: '127.0.0.1', PGSSLMODE: 'verify-full', PGSSLROOTCERT: layout.certOf('ca') },
      ...{ PGSSLCERT: layout.certOf(`${leader.name}-pgbackrest`), PGSSLKEY: layout.keyOf(`${leader.name}-pgbackrest`) },
    },
  });
};

const back = (scene: Scene, type: 'full' | 'incr', key: number): Promise<void> =>
  pgbackrest(scene, 'backup', `--type=${type}`, `--repo=${key}`);

const backup = ({ state }: Lab, ...args: string[]) =>
  submilli('backup', ...args, '--config', join(state, 'submilli.yml'));

const damagedLabels = (lab: Lab): readonly string[] => {
  const { output } = backup(lab, 'status', '--json');
  const seen = JSON.parse(output.slice(output.indexOf('{'), output.lastIndexOf('}') + 1)) as Backups;
  const first = seen.repositories.find(({ key }) => key === 1);
  return (first?.backups ?? []).filter(({ damaged }) => damaged).map(({ label }) => label);
};

/** Rehearses a restore of the first repository; what is asked of the restored server is as true as `answer`. */
const rehearse = async (scene: Scene, answer: boolean): Promise<void> => {
  const folder = mkdtempSync(join(tmpdir(), 'submilli-rehearsal-'));
  const { uid, gid } = ownerOf(scene);
  chownSync(folder, uid, gid);
  try {
    const smoke = join(folder, 'smoke.sql');
    writeFileSync(smoke, `-- database: grandmodel\nSELECT ${answer};\n`);
    const verify = () => backup(scene.lab, 'verify', '--repo', '1', '--scratch', folder, '--smoke', smoke);
    // 2: a backup that has just been made has no moment after it yet.
    const { status, output } = await until(
      60,
      () => Promise.resolve(verify()),
      (seen) => seen.status !== 2,
    );
    if (status !== (answer ? 0 : 1)) throw new Error(`the rehearsal ended with ${status}:\n${output}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

/** What is wrong with backups, in this order; the exporter looks at them once in a minute. */
export const backupFaults: readonly Fault[] = [
  {
    what: 'a restore is rehearsed once, and when it is rehearsed again something is missing',
    raises: [critical('BackupVerificationFailed', ofCluster), warning('BackupUnverified', ofCluster)],
    begin: async (scene) => {
      await service(scene.lab, 'stop', 'backups');
      await back(scene, 'full', 1);
      for (const answer of [true, false]) await rehearse(scene, answer);
      return () => rehearse(scene, true);
    },
  },
  {
    what: 'a page of a table is damaged on the primary’s disk, and a backup is made of it',
    raises: [critical('BackupDamaged', repository(1))],
    begin: async (scene) => {
      const { lab, leader } = scene;
      // Frozen: nothing will write the page again.
      await run(lab, leader.port, 'CREATE TABLE faults.backed AS SELECT generate_series(1, 10) AS id');
      await run(lab, leader.port, 'VACUUM (FREEZE) faults.backed', 'CHECKPOINT');
      const path = await value<string>(lab, leader.port, `SELECT pg_catalog.pg_relation_filepath('faults.backed')`);
      const file = openSync(join(lab.state, leader.name, path), 'r+');
      writeSync(file, 'not what was written', 4096);
      closeSync(file);
      await back(scene, 'incr', 1);
      await run(lab, leader.port, 'DROP TABLE faults.backed');
      return async () => {
        await back(scene, 'full', 1);
        for (const label of damagedLabels(lab)) await pgbackrest(scene, 'expire', '--repo=1', `--set=${label}`);
      };
    },
  },
  {
    what: 'the second repository gets a new place, and nobody makes backups any more',
    raises: [
      warning('BackupMissing', repository(2)),
      critical('BackupStale', repository(1)),
      sparedBy('BackupStale', warning('BackupStale', repository(1))),
    ],
    begin: async (scene) => {
      const { lab } = scene;
      const place = join(repositories(lab), 'repo2');
      renameSync(place, `${place}.before`);
      mkdirSync(place, { mode: 0o750 });
      const { uid, gid } = ownerOf(scene);
      chownSync(place, uid, gid);
      await pgbackrest(scene, 'stanza-create');
      return async () => {
        rmSync(`${place}.before`, { recursive: true });
        await back(scene, 'full', 2);
        await back(scene, 'incr', 1);
        await service(lab, 'start', 'backups');
      };
    },
  },
];

/** As when what they are mounted from is gone. */
export const lostRepositories: Fault = {
  what: 'the repositories of backups are gone',
  raises: [
    critical('PostgresWalArchiveFailing', ofLeader),
    critical('BackupRepositoriesDown', ofCluster),
    sparedBy('BackupRepositoriesDown', warning('BackupRepositoryDown', repository(1))),
  ],
  begin: async ({ lab, leader }) => {
    const there = repositories(lab);
    renameSync(there, `${there}.away`);
    // The archiver sleeps for a minute after three failures, unless there is more to do.
    const client = await session(lab, leader.port);
    const end = again(async () => {
      await client.query(`SELECT pg_catalog.pg_logical_emit_message(false, 'faults', 'x')`);
      await client.query('SELECT pg_catalog.pg_switch_wal()');
    }, 3000);
    return async () => {
      await end();
      await client.end();
      if (existsSync(there)) rmSync(there, { recursive: true });
      renameSync(`${there}.away`, there);
      // Without etcd the server may have been restarted, or another be the leader.
      await run(lab, (await memberBy(true)).port, 'SELECT pg_catalog.pg_switch_wal()');
    };
  },
};
