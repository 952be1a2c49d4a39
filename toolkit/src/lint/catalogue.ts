import type { Rule } from './rule';
import { clusterAcross } from './rules/across/cluster';
import { poolsAcross } from './rules/across/pools';
import { etcdRules } from './rules/etcd/etcd';
import { anyFile } from './rules/file';
import { haproxy } from './rules/haproxy/haproxy';
import { access } from './rules/hba/hba';
import { liveAny, liveServers } from './rules/live/servers';
import { liveServices } from './rules/live/services';
import { keys } from './rules/patroni/keys';
import { safety } from './rules/patroni/safety';
import { timers } from './rules/patroni/timers';
import { file as pgbouncerFile } from './rules/pgbouncer/file';
import { peers } from './rules/pgbouncer/peers';
import { security } from './rules/pgbouncer/security';
import { sizes } from './rules/pgbouncer/sizes';
import { timeouts } from './rules/pgbouncer/timeouts';
import { pgbackrestRules } from './rules/pgbackrest/pgbackrest';
import { durability } from './rules/postgresql/durability';
import { file as postgresqlFile } from './rules/postgresql/file';
import { memory } from './rules/postgresql/memory';
import { sessions } from './rules/postgresql/sessions';
import { prometheusRules } from './rules/prometheus/prometheus';
import { submilliRules } from './rules/submilli/submilli';
import { userlist } from './rules/userlist/userlist';

/** The rules by what they are about, in the order of the page. */
export const chapters: readonly { readonly title: string; readonly rules: readonly Rule[] }[] = [
  { title: 'Any file', rules: anyFile },
  { title: 'Across files', rules: [...poolsAcross, ...clusterAcross] },
  { title: 'Patroni', rules: [...timers, ...keys, ...safety] },
  { title: 'PgBouncer', rules: [...timeouts, ...peers, ...sizes, ...security, ...pgbouncerFile, ...userlist] },
  { title: 'PostgreSQL', rules: [...postgresqlFile, ...memory, ...durability, ...sessions] },
  { title: 'pg_hba.conf', rules: access },
  { title: 'HAProxy', rules: haproxy },
  { title: 'etcd', rules: etcdRules },
  { title: 'pgBackRest', rules: pgbackrestRules },
  { title: 'Prometheus and Submilli', rules: [...prometheusRules, ...submilliRules] },
  { title: 'What runs (--live)', rules: [...liveAny, ...liveServers, ...liveServices] },
];

export const rules: readonly Rule[] = chapters.flatMap((chapter) => chapter.rules);
