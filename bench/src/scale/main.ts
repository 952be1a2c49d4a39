/** How many targets one process can watch, and what each costs it: a part of `npm run bench`. */
import { type Part, runPart, say } from '../part';
import { type FleetSize, startFleet } from './fleet';
import { grow, type Levels } from './growth';
import { allFour, planFor } from './plans';
import { measurePoints, type Plan, type Point } from './point';
import { type GrownPoint, partOf } from './report';
import { ORDINARY } from './server';

type Scope = FleetSize & {
  /** Groups of numbers of targets that are measured at the same time. */
  readonly curve: readonly (readonly number[])[];
  /** Servers that all four exporters of one process watch. */
  readonly allFour: readonly number[];
  readonly seconds: number;
  readonly secondsAtMost: number;
  readonly levels: Levels;
  readonly growthSeconds: number;
};

const FULL: Scope = {
  ...{ servers: 25, poolers: 10, curve: [[1, 25, 50, 100]], most: 200, allFour: [57, 200] },
  ...{ seconds: 30, secondsAtMost: 45, growthSeconds: 45 },
  levels: {
    ...{ tables: [10, 1000, 5000], statements: [100, 1000, 5000], sessions: [10, 100, 400] },
    ...{ poolClients: [10, 100, 500], members: [1, 2, 4, 8] },
  },
};

const QUICK: Scope = {
  ...{ servers: 5, poolers: 2, curve: [], most: 20, allFour: [6] },
  ...{ seconds: 15, secondsAtMost: 15, growthSeconds: 15 },
  levels: {
    ...{ tables: [10, 500], statements: [100, 500], sessions: [10, 50] },
    ...{ poolClients: [10, 50], members: [1, 2] },
  },
};

const tell = (point: Point): void =>
  say(
    `${point.name}, ${String(point.count)} targets: ${(100 * point.cpu).toFixed(1)} % of one core, ${point.memoryMb.toFixed(0)} MB, ${String(point.failed)} of ${String(point.scrapes)} scrapes failed, P99 ${point.p99Ms.toFixed(0)} ms`,
  );

const measureFleet = async (scope: Scope): Promise<{ curve: Point[]; others: Point[] }> => {
  const { fleet, stop } = await startFleet(scope, say);
  const run = async (plans: readonly Plan[], seconds: number): Promise<Point[]> => {
    const points = await measurePoints(plans, seconds);
    points.forEach(tell);
    return points;
  };
  try {
    const curve: Point[] = [];
    for (const group of scope.curve) {
      const plans = group.map((count) => planFor('database', fleet, count));
      curve.push(...(await run(plans, scope.seconds)));
    }
    curve.push(...(await run([planFor('database', fleet, scope.most)], scope.secondsAtMost)));
    const others = [
      ...(await run([planFor('query', fleet, scope.most)], scope.seconds)),
      ...(await run([planFor('pool', fleet, scope.most)], scope.seconds)),
    ];
    for (const servers of scope.allFour) others.push(...(await run([allFour(fleet, servers)], scope.secondsAtMost)));
    return { curve, others };
  } finally {
    await stop();
  }
};

const measureGrowth = async ({ levels, growthSeconds }: Scope): Promise<GrownPoint[]> => {
  const { levels: all, stop } = await grow(levels, say);
  try {
    const points = await measurePoints(
      all.map(({ plan }) => plan),
      growthSeconds,
    );
    points.forEach(tell);
    return all.flatMap(({ of, level }, i) => {
      const point = points[i];
      return point === undefined ? [] : [{ of, level, point }];
    });
  } finally {
    await stop();
  }
};

const how = ({ servers, poolers, most }: Scope): string[] => [
  `${String(servers)} real PostgreSQL 17 servers, one of them the standby of another, each with ${String(ORDINARY.tables)} tables, ${String(ORDINARY.statements)} statements and ${String(ORDINARY.sessions)} sessions, half of these in a transaction; ${String(poolers)} real PgBouncers.`,
  `Up to ${String(servers)} targets are servers of their own. Beyond, and up to ${String(most)}, further names lead to the same servers: each with its own connections, samplers and surveys, as if it were another.`,
  'The exporters run as `submilli serve` at their defaults, but for the log level. Each target is found by /api/v1/targets and scraped by /probe every 15 s, at an offset that is a hash of its name, with a time limit of 10 s, as Prometheus does it.',
  'Measured after the first interval. CPU is user and system time of all threads of the exporter’s process from /proc, not pinned to a core; what PostgreSQL and PgBouncer take on the same machine is not in it. Memory is the resident set at the end.',
  'All four exporters: servers, each a target of the database and of the query exporter, as many pools, and half as many clusters (a hundred at most), each of the primary and its standby without Patroni. The number of targets is that of all that is scraped.',
  'What grows is measured with ten names for one server, pool or cluster that differs by one thing; these processes run at the same time.',
];

const measure = async (quick: boolean): Promise<Part> => {
  const scope = quick ? QUICK : FULL;
  const { curve, others } = await measureFleet(scope);
  const growth = await measureGrowth(scope);
  return partOf({ curve, others, growth, how: how(scope) });
};

runPart(measure).catch((error: unknown) => {
  say(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
});
