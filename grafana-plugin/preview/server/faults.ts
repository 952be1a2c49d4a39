/**
 * What goes wrong on purpose, for tests and for looking at it: the URL of the page says so (`?fault=query:down`), and its
 * requests carry it on in a header. Grafana knows nothing of the kind.
 */
export type Fault = 'down' | 'denied' | 'garbage' | 'empty' | 'slow';

const FAULTS: readonly Fault[] = ['down', 'denied', 'garbage', 'empty', 'slow'];

/** Of `query:down,prometheus:empty` what is said of one upstream; `*` is said of all. */
export const faultOf = (header: string | undefined, upstream: string): Fault | undefined => {
  const said = (header ?? '').split(',').map((one) => one.trim().split(':'));
  const [, fault] = said.find(([name]) => name === upstream || name === '*') ?? [];
  return FAULTS.find((known) => known === fault);
};
