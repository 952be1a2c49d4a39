import { stringify, parse, parseDocument } from 'yaml';
import { makeDir, writeFile } from '../stack/files';
import { get, getJson } from '../stack/http';
import { referenceHba, referenceSettings } from '../stack/postgresql-conf';
import { readSecret } from '../stack/secrets';
import type { Service } from '../stack/service';
import { readReference, renderReference } from '../stack/template';
import { HOST, members, restUrl, type DebianContext, type Member } from './context';

/** What Patroni's REST API says about one member (`GET /patroni`), as far as we read it. */
export type MemberStatus = {
  readonly state?: string;
  readonly role?: string;
  readonly timeline?: number;
  readonly sync_standby?: boolean;
};

const configOf = (state: string, name: string): string => `${state}/patroni/${name}.yml`;
/** A copy that the services' account can read, wherever this checkout is. */
const launcherOf = (state: string): string => `${state}/patroni/safe-leader-key.py`;
/** What Debian's own `patroni` is run with. */
const PYTHON = '/usr/bin/python3';

/** The configuration of one member, comments and all, with the server settings filled in. */
export const renderPatroni = (member: Member, { layout, binaries }: DebianContext): string => {
  const text = renderReference('patroni/patroni.yml', {
    state: layout.state,
    name: member.name,
    port: member.port,
    rest_port: member.restPort,
    bin_dir: binaries.postgresBin,
    patroni_password: readSecret(layout, 'patroni'),
    superuser_password: readSecret(layout, 'superuser'),
    replication_password: readSecret(layout, 'replication'),
    rewind_password: readSecret(layout, 'rewind'),
  });
  const document = parseDocument(text);
  document.setIn(['bootstrap', 'dcs', 'postgresql', 'parameters'], document.createNode(referenceSettings()));
  document.setIn(['bootstrap', 'dcs', 'postgresql', 'pg_hba'], document.createNode(referenceHba()));
  return stringify(document, { lineWidth: 0 });
};

export const preparePatroni = (context: DebianContext): void => {
  const { layout, account } = context;
  makeDir(layout.dirOf('patroni'), account);
  for (const member of members) {
    makeDir(layout.dirOf(member.name), account);
    makeDir(`${layout.logs}/${member.name}`, account, 0o750);
    writeFile(configOf(layout.state, member.name), renderPatroni(member, context), account);
  }
  writeFile(launcherOf(layout.state), readReference('patroni/safe-leader-key.py'), account);
  const ctl = renderReference('patroni/patronictl.yml', { patroni_password: readSecret(layout, 'patroni') });
  writeFile(configOf(layout.state, 'patronictl'), ctl, account);
};

export const patroniService = (member: Member, { layout, binaries, account }: DebianContext): Service => ({
  name: member.name,
  title: member.title,
  command: PYTHON,
  args: [launcherOf(layout.state), configOf(layout.state, member.name)],
  env: { PYTHONUNBUFFERED: '1', PYTHONDONTWRITEBYTECODE: '1' },
  account,
  dataDir: layout.dirOf(member.name),
  endpoints: [
    {
      what: `PostgreSQL ${binaries.postgresMajor}`,
      url: `postgresql://${HOST}:${member.port}/grandmodel`,
      port: member.port,
    },
    { what: 'Patroni', url: `${restUrl(member)}/cluster`, port: member.restPort },
  ],
  ready: async (signal) => {
    const status = await memberStatus(member, signal);
    if (status.state !== 'running') throw new Error(`${member.name}: PostgreSQL is ${status.state ?? 'not there yet'}`);
    return roleWord(status);
  },
  readySeconds: 90,
  stopSeconds: 15,
});

/** Answers 503 while PostgreSQL is down, with the same body. */
const memberStatus = async (member: Member, signal: AbortSignal): Promise<MemberStatus> =>
  JSON.parse((await get(`${restUrl(member)}/patroni`, signal)).text) as MemberStatus;

/** Patroni up to 3.x says "master". */
export const isLeaderRole = (role: string | undefined): boolean => role === 'master' || role === 'primary';

const roleWord = ({ role, sync_standby }: MemberStatus): string => {
  if (isLeaderRole(role)) return 'primary';
  return sync_standby === true ? 'synchronous standby' : (role ?? 'unknown');
};

/** The member that runs as primary and holds the lock; undefined while there is none. */
export const currentLeader = async (signal: AbortSignal): Promise<Member | undefined> => {
  const answers = await Promise.all(
    members.map((member) =>
      get(`${restUrl(member)}/primary`, signal).then(
        ({ status }) => status === 200,
        () => false,
      ),
    ),
  );
  return members.find((_, i) => answers[i]);
};

/** The standby that commits wait for; undefined while there is none. */
export const synchronousStandby = async (signal: AbortSignal): Promise<Member | undefined> => {
  for (const member of members) {
    const answer = await get(`${restUrl(member)}/synchronous`, signal).catch(() => undefined);
    if (answer?.status === 200) return member;
  }
  return undefined;
};

/** Brings the cluster-wide configuration that etcd holds up to date with the reference files. */
export const updateClusterConfig = async (context: DebianContext, signal: AbortSignal): Promise<void> => {
  const leader = await currentLeader(signal);
  if (leader === undefined) throw new Error('there is no primary');
  const { bootstrap } = parse(renderPatroni(leader, context)) as { bootstrap: { dcs: Record<string, unknown> } };
  const held = await getJson(`${restUrl(leader)}/config`, signal);
  if (JSON.stringify(held) === JSON.stringify(bootstrap.dcs)) return;
  const credentials = Buffer.from(`patroni:${readSecret(context.layout, 'patroni')}`).toString('base64');
  const response = await fetch(`${restUrl(leader)}/config`, {
    method: 'PUT',
    body: JSON.stringify(bootstrap.dcs),
    headers: { authorization: `Basic ${credentials}`, 'content-type': 'application/json' },
    signal,
  });
  if (!response.ok) throw new Error(`Patroni refused the configuration: ${response.status} ${await response.text()}`);
};
