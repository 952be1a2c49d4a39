import { defineRule, type Finding } from '@submilli/core';
import { limits, settingsOf } from '../collectors/limits';
import { numberOf, type ShowRow } from '../show';
import type { PoolFacts } from '../source';
import { iniLines } from './ini';

type Lint = {
  readonly name: string;
  readonly isWrong: (value: number) => boolean;
  readonly want: string;
  readonly severity: Finding['severity'];
  readonly why: string;
};

const lints: readonly Lint[] = [
  {
    ...{ name: 'query_wait_timeout', isWrong: (value) => value === 0, want: '120', severity: 'warning' },
    why: 'A client that gets no server waits for ever: when the server is away, clients pile up until none is let in.',
  },
  {
    ...{ name: 'query_wait_timeout', isWrong: (value) => value > 120, want: '120', severity: 'info' },
    why: 'So long a client hangs before it hears that there is no server for it, and others pile up behind it.',
  },
  {
    ...{ name: 'query_timeout', isWrong: (value) => value > 0, want: '0', severity: 'warning' },
    why: 'PgBouncer then closes the server connection under a running statement; statement_timeout in PostgreSQL ends it cleanly.',
  },
  {
    ...{ name: 'server_login_retry', isWrong: (value) => value > 3, want: '1', severity: 'info' },
    why: 'After a failed login it waits this long before it tries again: a failover that took 2 s lasts that long for clients.',
  },
  {
    ...{ name: 'server_connect_timeout', isWrong: (value) => value > 5, want: '3', severity: 'info' },
    why: 'While a server does not answer, as in a failover, each attempt to connect takes this long.',
  },
  {
    ...{ name: 'server_lifetime', isWrong: (value) => value < 60, want: '3600', severity: 'warning' },
    why: 'A server connection is closed so soon (0: after its first use), and the next client waits for a new process and a login.',
  },
  {
    ...{ name: 'server_lifetime', isWrong: (value) => value > 86_400, want: '3600', severity: 'info' },
    why: 'A server process keeps what it has learnt of every table it touched, and grows; it also stays with the host that it was connected to.',
  },
  {
    // 0 keeps idle servers until server_lifetime: no harm, and no connect before a burst.
    ...{ name: 'server_idle_timeout', isWrong: (value) => value > 0 && value < 30, want: '600', severity: 'info' },
    why: 'After a short pause the first clients wait for new processes and logins, one connection at a time.',
  },
];

export const timeouts = defineRule<PoolFacts, { limits: typeof limits }>({
  name: 'pool-timeouts',
  title: 'A time limit of PgBouncer makes a fault last longer, or makes one',
  signal: [...new Set(lints.map(({ name }) => `\`${name}\``))].join(', '),
  threshold:
    'query_wait_timeout 0 or above 120 s, query_timeout set, server_login_retry above 3 s, server_connect_timeout above 5 s, server_lifetime below 60 s or above a day, server_idle_timeout below 30 s but not 0',
  inputs: { limits },
  check: ({ limits: rows }) => {
    const settings = settingsOf(rows);
    return lints.flatMap((lint) => findingOf(lint, settings));
  },
});

const findingOf = ({ name, isWrong, want, severity, why }: Lint, settings: ShowRow): Finding[] => {
  const value = numberOf(settings, name);
  if (value === null || !isWrong(value)) return [];
  return [
    {
      subject: name,
      severity,
      title: `${name} is ${value}`,
      why,
      evidence: [{ label: name, value, unit: 's' }],
      action: iniLines(`${name} = ${want}`),
      impact: {
        ...{ what: name, before: `${value} s`, after: `${want} s`, confidence: 'high' },
        measured: 'read from SHOW CONFIG',
      },
    },
  ];
};
