import { bytesText, percentText, plural, short } from '../../report/words';
import type { LoadReport, PathReport } from './schema';

/** What was done, in one line. */
export const taskText = ({ profile, clients, seconds, warmupSeconds, rate, protocol }: LoadReport): string =>
  [
    profile.name,
    plural(clients, 'client'),
    `${seconds} s${warmupSeconds > 0 ? ` after a warm-up of ${warmupSeconds} s` : ''}`,
    rate === null ? 'each sends when it has its answer' : `${short(rate)} transactions a second`,
    `protocol ${protocol}`,
  ].join(', ');

/** On what it was done. */
export const machineText = ({ machine }: Pick<LoadReport, 'machine'>): string =>
  [
    `${plural(machine.cores, 'core')}${machine.processor === '' ? '' : ` (${machine.processor})`}`,
    `${bytesText(machine.memoryBytes)} of memory`,
    machine.system,
    `kernel ${machine.kernel}`,
    machine.shared ? 'clients, pool and server share it' : 'clients only: the server is elsewhere',
    `load average before ${machine.loadBefore}`,
  ].join(', ');

export const softwareText = ({ software, settings }: Pick<LoadReport, 'software' | 'settings'>): string =>
  [
    `PostgreSQL ${software.postgresql}`,
    ...(software.pgbouncer === null ? [] : [`PgBouncer ${software.pgbouncer}`]),
    `pgbench ${software.pgbench}`,
    ...Object.entries(settings)
      .filter(([, value]) => value !== '')
      .map(([name, value]) => `${name} ${value}`),
  ].join(', ');

/** What the latency shown is, and what it hides: the reader can’t know otherwise. */
export const honestyText = ({ rate, clients }: LoadReport, paths: readonly PathReport[]): string[] => {
  if (rate === null) {
    return [
      `Latency is from when a transaction was sent. Each of the ${clients} clients sends when it has its answer, so that a stall holds back what would have been sent meanwhile, and hides it: say --rate for what users at a steady pace would see.`,
    ];
  }
  const unsent = paths.filter((path) => (path.unsent ?? 0) > 0);
  return [
    'Latency is from when a transaction was due, whether or not a client was free to send it: a stall hides nothing.',
    ...unsent.map(
      (path) =>
        `${path.via === 'pool' ? 'Through the pool' : 'Directly'} ${plural(path.unsent ?? 0, 'transaction')} (${percentText((path.unsent ?? 0) / Math.max(1, path.latency.count + (path.unsent ?? 0)))}) were due and never sent; they are in no figure, and would be the slowest.`,
    ),
  ];
};

export const failureText = ({ failed, clientsLost }: PathReport): string => {
  const words = [
    ...Object.entries(failed).flatMap(([why, count]) => (count === 0 ? [] : [`${count} ${why}`])),
    ...(clientsLost === 0 ? [] : [`${plural(clientsLost, 'client')} lost`]),
  ];
  return words.length === 0 ? 'none' : words.join(', ');
};
