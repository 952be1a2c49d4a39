import { readFileSync } from 'node:fs';
import { knownLosses } from '@submilli/core';
import { parse } from 'yaml';
import { patroniYml, patronictlYml } from '../cluster/files';
import { restUrl, type Member } from '../cluster/topology';
import { makeDir, writeFile } from '../stack/files';
import { type Answer, ask, asOperator, get, getJson, trusting, type Tls } from '../stack/http';
import { readSecret } from '../stack/secrets';
import type { Service } from '../stack/service';
import { readReference } from '../stack/template';
import type { DebianContext } from './context';
import { specOf } from './spec';
import { dataDirOf } from './topology';

/** What Patroni's REST API says about one member (`GET /patroni`), as far as we read it. */
export type MemberStatus = {
  readonly state?: string;
  readonly role?: string;
  readonly timeline?: number;
  readonly sync_standby?: boolean;
};

const configOf = (state: string, name: string): string => `${state}/patroni/${name}.yml`;
/** A copy that the services' account can read, wherever this checkout is. */
const launcherOf = (state: string): string => `${state}/patroni/lossless.py`;

/** Patroni itself, or where it needs one, our launcher of it: run by the same Python, so that it finds the same Patroni. */
const commandFor = (
  config: string,
  { layout, binaries: { patroni, patroniVersion } }: DebianContext,
): Pick<Service, 'command' | 'args'> => {
  if (knownLosses(patroniVersion).length === 0) return { command: patroni, args: [config] };
  const python = /^#!\s*(\S+)\n/.exec(readFileSync(patroni, 'utf8'))?.[1] ?? '/usr/bin/python3';
  return { command: python, args: [launcherOf(layout.state), config] };
};

export const preparePatroni = (context: DebianContext): void => {
  const { layout, topology, account } = context;
  makeDir(layout.dirOf('patroni'), account);
  for (const member of topology.members) {
    if (member.host === undefined) makeDir(dataDirOf(layout, member), account);
    makeDir(`${layout.logs}/${member.name}`, account, 0o750);
    writeFile(configOf(layout.state, member.name), patroniYml(specOf(context), member), account);
  }
  writeFile(launcherOf(layout.state), readReference('patroni/lossless.py'), account);
  writeFile(configOf(layout.state, 'patronictl'), patronictlYml(specOf(context)), account);
};

export const patroniService = (member: Member, context: DebianContext): Service => ({
  name: member.name,
  title: member.title,
  host: member.host,
  ...commandFor(configOf(context.layout.state, member.name), context),
  env: { PYTHONUNBUFFERED: '1', PYTHONDONTWRITEBYTECODE: '1' },
  account: context.account,
  dataDir: dataDirOf(context.layout, member),
  endpoints: [
    {
      what: `PostgreSQL ${context.binaries.postgresMajor}`,
      url: `postgresql://${member.address}:${member.port}/grandmodel`,
      port: member.port,
    },
    { what: 'Patroni', url: `${restUrl(member)}/cluster`, port: member.restPort },
  ],
  ready: async (signal) => {
    const status = await memberStatus(member, trusting(context.layout), signal);
    if (status.state !== 'running') throw new Error(`${member.name}: PostgreSQL is ${status.state ?? 'not there yet'}`);
    return roleWord(status);
  },
  readySeconds: 90,
  stopSeconds: 15,
});

/** Answers 503 while PostgreSQL is down, with the same body. */
const memberStatus = async (member: Member, tls: Tls, signal: AbortSignal): Promise<MemberStatus> =>
  JSON.parse((await get(`${restUrl(member)}/patroni`, signal, tls)).text) as MemberStatus;

/** Patroni up to 3.x says "master". */
export const isLeaderRole = (role: string | undefined): boolean => role === 'master' || role === 'primary';

const roleWord = ({ role, sync_standby }: MemberStatus): string => {
  if (isLeaderRole(role)) return 'primary';
  return sync_standby === true ? 'synchronous standby' : (role ?? 'unknown');
};

/** Patroni answers 200 from the moment it has the lock; its server may be in recovery for a while yet. */
const isPromoted = ({ status, text }: Answer): boolean => {
  const { role, state } = JSON.parse(text) as MemberStatus;
  return status === 200 && isLeaderRole(role) && state === 'running';
};

type Asked = Pick<DebianContext, 'layout' | 'topology'>;

/** The member that runs as primary and holds the lock; undefined while there is none. */
export const currentLeader = async ({ layout, topology }: Asked, signal: AbortSignal): Promise<Member | undefined> => {
  const answers = await Promise.all(
    topology.members.map((member) =>
      get(`${restUrl(member)}/primary`, signal, trusting(layout)).then(isPromoted, () => false),
    ),
  );
  return topology.members.find((_, i) => answers[i]);
};

/** The standby that commits wait for; undefined while there is none. */
export const synchronousStandby = async (
  { layout, topology }: Asked,
  signal: AbortSignal,
): Promise<Member | undefined> => {
  for (const member of topology.members) {
    const answer = await get(`${restUrl(member)}/synchronous`, signal, trusting(layout)).catch(() => undefined);
    if (answer?.status === 200) return member;
  }
  return undefined;
};

/** Brings the cluster-wide configuration that etcd holds up to date with the reference files. */
export const updateClusterConfig = async (context: DebianContext, signal: AbortSignal): Promise<void> => {
  const leader = await currentLeader(context, signal);
  if (leader === undefined) throw new Error('there is no primary');
  const { bootstrap } = parse(patroniYml(specOf(context), leader)) as { bootstrap: { dcs: Record<string, unknown> } };
  const held = await getJson(`${restUrl(leader)}/config`, signal, trusting(context.layout));
  if (JSON.stringify(held) === JSON.stringify(bootstrap.dcs)) return;
  const credentials = Buffer.from(`patroni:${readSecret(context.layout, 'patroni')}`).toString('base64');
  const { status, text } = await ask(`${restUrl(leader)}/config`, signal, {
    method: 'PUT',
    tls: asOperator(context.layout),
    body: JSON.stringify(bootstrap.dcs),
    headers: { authorization: `Basic ${credentials}`, 'content-type': 'application/json' },
  });
  if (status !== 200) throw new Error(`Patroni refused the configuration: ${status} ${text}`);
};
