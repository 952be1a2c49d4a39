import type { Case, Cell, Component, Fault, Row, Scraped, TlsFailure, Told } from './cell';
import { components, faultNames } from './cell';
import { alertmanager } from './components/alertmanager';
import { etcd } from './components/etcd';
import { exporter } from './components/exporter';
import { patroni } from './components/patroni';
import { pgbouncer } from './components/pgbouncer';
import { postgresql } from './components/postgresql';
import { prometheus } from './components/prometheus';

/** Every component under every fault. It is the documentation (docs/fault-matrix.md), and it makes the tests. */
export const matrix: Readonly<Record<Component, Row>> = {
  ...{ postgresql, pgbouncer, patroni, etcd, exporter, prometheus, alertmanager },
};

export type Found = { readonly component: Component; readonly fault: Fault; readonly cell: Cell };

export const cells: readonly Found[] = faultNames.flatMap((fault) =>
  components.map((component) => ({ component, fault, cell: matrix[component][fault] })),
);

export type Expected =
  | { readonly kind: 'exporter tells'; readonly expected: Case }
  | { readonly kind: 'prometheus tells'; readonly expected: Scraped }
  | { readonly kind: 'command tells'; readonly expected: Told };

/** One thing to be done to one component, with what must come of it. */
export type Deed = { readonly component: Component; readonly fault: Fault; readonly tls?: TlsFailure } & Expected;

const deedsOf = ({ component, fault, cell }: Found): readonly Deed[] => {
  const deed = (tls: TlsFailure | undefined) => ({ component, fault, ...(tls === undefined ? {} : { tls }) });
  switch (cell.kind) {
    case 'exporter tells':
      return cell.cases.map((expected) => ({ ...deed(expected.tls), kind: cell.kind, expected }));
    case 'prometheus tells':
      return cell.cases.map((expected) => ({ ...deed(expected.tls), kind: cell.kind, expected }));
    case 'command tells':
      return cell.cases.map((expected) => ({ ...deed(expected.tls), kind: cell.kind, expected }));
    case 'goes on':
    case 'elsewhere':
    case 'does not apply':
      return [];
  }
};

export const deeds: readonly Deed[] = cells.flatMap(deedsOf);
