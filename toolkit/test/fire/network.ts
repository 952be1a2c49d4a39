import { spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { ip } from '../../src/hosts/cable';
import { untilGone, processWith, send, type ProcessId } from '../../src/stack/procs';
import { until } from '../e2e/stack';

/** A cable from the exporters' network namespace to one of those that they ask, or that ask them. */
export type Cable = {
  /** The address of our end, where the peer is found. */
  readonly near: string;
  /** The exporters' address on it. */
  readonly far: string;
  readonly cut: () => Promise<void>;
  readonly mend: () => Promise<void>;
};

const LIMIT_MS = 10_000;
const now = (): AbortSignal => AbortSignal.timeout(LIMIT_MS);

const holder = async (): Promise<ProcessId> => {
  const child = spawn('unshare', ['--net', '--', 'sleep', 'infinity'], { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  child.on('error', ({ message }) => (said += message));
  const pid = child.pid ?? 0;
  const isThere = (): boolean => {
    try {
      return readFileSync(`/proc/${pid}/comm`, 'utf8').trim() === 'sleep';
    } catch {
      return false;
    }
  };
  const held = await until(10, () => Promise.resolve(isThere() || child.exitCode !== null), Boolean);
  const found = processWith(pid);
  if (!held || found === undefined || !isThere()) {
    throw new Error(`faults of the network need root with CAP_NET_ADMIN, to make a namespace: ${said}`);
  }
  return found;
};

/** A network namespace for the exporters, with a cable to each peer: cut one, and only that peer is gone. */
export const startNetwork = async <const Name extends string>(names: readonly Name[]) => {
  const process = await holder();
  const { pid } = process;
  // Of the range that RFC 2544 keeps for tests of networks.
  const [block, tag] = [randomInt(256), randomInt(0x10000).toString(16)];
  const cables = new Map<Name, Cable>();
  // The route of a cable goes with it when it is cut: what is meant for its end must not leave this machine instead, where
  // somebody may answer.
  const elsewhere = `unreachable 198.18.${block}.0/24`;
  try {
    await ip(undefined, now(), [`route replace ${elsewhere}`]);
    await ip(pid, now(), ['link set lo up']);
    for (const [index, name] of names.entries()) {
      const device = `fire${tag}n${index}`;
      const [near, far] = [`198.18.${block}.${4 * index + 1}`, `198.18.${block}.${4 * index + 2}`];
      await ip(undefined, now(), [
        `link add ${device} type veth peer name eth${index} netns ${pid}`,
        `addr add ${near}/30 dev ${device}`,
        `link set ${device} up`,
      ]);
      await ip(pid, now(), [`addr add ${far}/30 dev eth${index}`, `link set eth${index} up`]);
      const set = (state: 'up' | 'down') => () => ip(undefined, now(), [`link set ${device} ${state}`]);
      cables.set(name, { near, far, cut: set('down'), mend: set('up') });
    }
  } catch (error) {
    send(pid, 'SIGKILL');
    throw error;
  }
  return {
    /** Runs a command there. */
    inside: ['nsenter', `--target=${pid}`, '--net', '--'],
    cable: (name: Name): Cable => {
      const cable = cables.get(name);
      if (cable === undefined) throw new Error(`there is no cable to ${name}`);
      return cable;
    },
    /** The kernel takes the namespace and its cables away with the last process in it. */
    stop: async (): Promise<void> => {
      send(pid, 'SIGKILL');
      await untilGone(process, 5);
      await ip(undefined, now(), [`route del ${elsewhere}`]);
    },
  };
};
