import { send } from '../../stack/procs';
import type { Hosts } from '../hosts';
import type { DrillMember, Topology } from '../topology';
import type { UndoStep } from '../undo';
import { found, type Fault, type FaultContext } from './fault';
import { AFTER_FAILOVER } from './processes';

/** How long a disk stays full: PostgreSQL that can't write its log any more has ended by then, or never does. */
const FULL_SECONDS = 15;

const needsHosts =
  (what: string) =>
  ({ hosts }: Topology): string | undefined =>
    hosts === undefined ? `${what}, which takes members on hosts of their own (stack up --hosts)` : undefined;

const hostOf = ({ hosts }: Topology, { name }: DrillMember): { readonly hosts: Hosts; readonly host: string } => {
  const known = found(hosts, 'a network of hosts');
  return { hosts: known, host: found(known.of(name), `the host of ${name}`) };
};

/** Cuts the host off: from its members, its etcd and its clients, and those from it. */
const silence = async ({ topology, journal }: FaultContext, member: DrillMember): Promise<UndoStep> => {
  const { hosts, host } = hostOf(topology, member);
  const step: UndoStep = { kind: 'rejoin', host };
  journal.push(step);
  await hosts.cutOff(host);
  return step;
};

export const partition: Fault = {
  refusal: needsHosts('it cuts one member’s network'),
  inject: async (context) => {
    const { primary, topology } = context;
    const undo = [await silence(context, primary)];
    const what = `${primary.name} and all else on host ${hostOf(topology, primary).host} cut off from the network`;
    return { what, member: primary, hold: AFTER_FAILOVER, undo };
  },
};

export const powerOff: Fault = {
  refusal: needsHosts('it silences one member’s network'),
  inject: async (context) => {
    const { primary, topology, journal } = context;
    const { hosts, host } = hostOf(topology, primary);
    const services = hosts.servicesOn(host);
    const start: UndoStep = { kind: 'start', services: [...services] };
    journal.push(start);
    // Silent first: nobody shall hear how its connections end.
    const rejoin = await silence(context, primary);
    for (const { pid } of hosts.processesOn(host)) send(pid, 'SIGKILL');
    return {
      what: `host ${host} of ${primary.name} silent, and kill -9 of all on it: ${services.join(', ')}`,
      ...{ member: primary, hold: AFTER_FAILOVER, undo: [rejoin, start] },
    };
  },
};

export const fullDisk: Fault = {
  refusal: needsHosts('it fills one member’s disk'),
  inject: async ({ primary, topology, journal }) => {
    const { hosts, host } = hostOf(topology, primary);
    const step: UndoStep = { kind: 'free-disk', host };
    journal.push(step);
    await hosts.fillDisk(host);
    return {
      what: `the disk of ${primary.name} full for ${FULL_SECONDS} s`,
      ...{ member: primary, hold: { until: 'time', atLeastSeconds: FULL_SECONDS }, undo: [step] },
    };
  },
};
