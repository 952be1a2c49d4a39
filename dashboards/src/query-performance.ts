import { at, closed, dashboardOf, section } from './lib/layout';
import { DATABASE, SERVER } from './lib/promql';
import { serverVariables } from './lib/variables';
import * as health from './signals/health';
import * as latency from './signals/latency';
import * as statements from './signals/statements';

const isKept = section(
  100,
  'Are statements as fast as promised?',
  at(101, [0, 0, 8, 8], statements.promises),
  at(102, [8, 0, 4, 4], latency.quantileStat(0.5, DATABASE)),
  at(103, [12, 0, 4, 4], latency.quantileStat(0.99, DATABASE)),
  at(104, [16, 0, 4, 4], latency.kept(DATABASE)),
  at(105, [20, 0, 4, 4], latency.commitStat(DATABASE)),
  at(106, [8, 4, 4, 4], latency.statementRate(DATABASE)),
  at(107, [12, 4, 4, 4], statements.regressed),
  at(108, [16, 4, 4, 4], statements.indexAdvice),
  at(109, [20, 4, 4, 4], statements.errorRate),
  at(110, [0, 8, 12, 9], latency.quantilesAgainstPromise(DATABASE)),
  at(111, [12, 8, 12, 9], latency.distribution(DATABASE)),
);

const where = section(
  200,
  'Where: which statements',
  at(201, [0, 0, 24, 11], statements.topStatements),
  at(202, [0, 11, 12, 8], statements.timeByStatement),
  at(203, [12, 11, 12, 8], statements.callsByStatement),
  at(204, [0, 19, 12, 8], latency.byKind(DATABASE)),
  at(205, [12, 19, 12, 8], statements.bySource),
);

const writes = section(
  300,
  'Writing: executed is not durable',
  at(301, [0, 0, 8, 8], latency.writeLatency(DATABASE)),
  at(302, [8, 0, 8, 8], latency.commitTime(DATABASE)),
  at(303, [16, 0, 8, 8], latency.commitWaits(DATABASE)),
);

const why = section(
  400,
  'Why: plans, reads, spills',
  at(401, [0, 0, 8, 8], statements.planFindings),
  at(402, [8, 0, 8, 8], statements.planChanges),
  at(403, [16, 0, 8, 8], health.advice(SERVER, { exporters: ['query'], target: '$target', most: 8 })),
  at(404, [0, 8, 8, 8], statements.readsByStatement),
  at(405, [8, 8, 8, 8], statements.spillsByStatement),
  at(406, [16, 8, 8, 8], statements.walByStatement),
  at(407, [0, 16, 8, 7], statements.ioShare),
  at(408, [8, 16, 8, 7], statements.jit),
  at(409, [16, 16, 8, 7], statements.canary),
);

const measuring = section(
  500,
  'How well it is measured',
  at(501, [0, 0, 4, 4], statements.logThreshold),
  at(502, [4, 0, 4, 4], statements.logSample),
  at(503, [8, 0, 4, 4], statements.tailComplete),
  at(504, [12, 0, 4, 4], statements.logBehind),
  at(505, [16, 0, 4, 4], statements.entries),
  at(506, [20, 0, 4, 4], statements.evictions),
);

export const queryPerformance = dashboardOf({
  uid: 'query-performance',
  title: 'Query performance',
  description:
    'For whoever writes statements or owns their latency: is the promise kept, which statements break it, and why.',
  variables: serverVariables,
  pages: [
    ['queries', 'Queries in the app'],
    ['latency', 'Latency in the app'],
  ],
  sections: [isKept, where, writes, why, closed(measuring)],
});
