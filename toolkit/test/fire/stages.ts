import { faults, type Component, type Fault, type TlsFailure } from '../../src/fire/cell';
import type { Deed } from '../../src/fire/matrix';

/** What is done at the same time: none of it disturbs another. */
export type Stage = {
  readonly title: string;
  readonly fault: Fault;
  readonly tls?: TlsFailure;
  readonly all: readonly Deed[];
};

/** Patroni minds what becomes of its store, and an exporter that is hurt tells nothing. */
const apartFrom = (fault: Fault): readonly (readonly Component[])[] => [
  ['postgresql', 'pgbouncer', 'patroni', ...(['kill', 'stop', 'disk'].includes(fault) ? [] : (['etcd'] as const))],
  ['etcd'],
  ['exporter'],
  ['prometheus'],
];

export const stages = (deeds: readonly Deed[]): readonly Stage[] =>
  (Object.keys(faults) as Fault[]).flatMap((fault) => {
    const ofFault = deeds.filter((deed) => deed.fault === fault);
    const failures = [...new Set(ofFault.map(({ tls }) => tls))];
    return failures.flatMap((tls) => {
      const left = new Set(ofFault.filter((deed) => deed.tls === tls));
      return apartFrom(fault).flatMap((group) => {
        const all = [...left].filter(({ component }) => group.includes(component));
        for (const deed of all) left.delete(deed);
        const title = `${faults[fault]}${tls === undefined ? '' : `, ${tls}`}`;
        return all.length === 0 ? [] : [{ title, fault, ...(tls === undefined ? {} : { tls }), all }];
      });
    });
  });
