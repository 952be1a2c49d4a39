/** What clients do in a run: a script of pgbench, and how many clients do it. */
export type Workload = {
  readonly name: string;
  readonly what: string;
  readonly script: string;
  readonly clients: number;
};

export const DATABASE = 'bench';
export const ACCOUNTS = 100_000;

/**
 * Sleeps, for their time is spent in the server and needs no processor: so the server and the clients, who share this
 * machine, don't hold each other up more than they have to. pg_sleep counts whole milliseconds.
 */
export const workloads: readonly Workload[] = [
  { name: 'steady', what: 'pg_sleep of 3 ms', script: 'SELECT pg_sleep(0.003);\n', clients: 16 },
  {
    name: 'bimodal',
    what: 'nine in ten sleep 2 ms, one 12 ms',
    script: '\\set r random(1, 10)\n\\set ms case when :r = 1 then 12 else 2 end\nSELECT pg_sleep(:ms / 1000.0);\n',
    clients: 16,
  },
  {
    name: 'heavy-tailed',
    what: 'Pareto, shape 2, from 2 ms to 200 ms',
    script:
      '\\set u random(1, 1000000)\n\\set us least(2000 / sqrt(:u / 1000000.0), 200000)\nSELECT pg_sleep(:us / 1000000.0);\n',
    clients: 16,
  },
];

/** One of the shortest statements there is: what it costs to log it, and how little of a client's time the server's is. */
export const shortRead: Workload = {
  name: 'short read',
  what: 'SELECT by primary key, one client',
  script: `\\set id random(1, ${ACCOUNTS})\nSELECT balance FROM account WHERE id = :id;\n`,
  clients: 1,
};
