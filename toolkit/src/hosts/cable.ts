import { exec } from '../stack/exec';
import type { NetworkRecord } from './record';

/** In the namespace of the switch: the bridge, and each host's end of its cable. */
export const BRIDGE = 'switch';
export const portOf = (host: string): string => `port-${host}`;

/** Runs commands of ip(8) in the network namespace of a process, or in our own. */
export const ip = async (pid: number | undefined, signal: AbortSignal, commands: readonly string[]): Promise<void> => {
  const inside = pid === undefined ? [] : ['nsenter', `--target=${pid}`, '--net', '--'];
  const [command = 'ip', ...args] = [...inside, 'ip', '-batch', '-'];
  await exec(command, args, {
    ...{ purpose: 'setting up the network of hosts', signal, input: `${commands.join('\n')}\n` },
  });
};

const LIMIT_MS = 5000;

/** Cuts a host off: its cable stays in, but nothing it sends arrives anywhere, and nothing is sent to it. */
export const cutOff = (network: NetworkRecord, host: string): Promise<void> =>
  ip(network.switch?.pid, AbortSignal.timeout(LIMIT_MS), [`link set ${portOf(host)} nomaster`]);

export const rejoin = (network: NetworkRecord, host: string): Promise<void> =>
  ip(network.switch?.pid, AbortSignal.timeout(LIMIT_MS), [`link set ${portOf(host)} master ${BRIDGE}`]);
