import { type LoadOptions, withPrepared } from '../load/load';
import { isHere, thisMachine } from '../load/machine';
import type { PathReport, Via } from '../load/report/schema';
import { type Burden, runPath } from '../load/run';
import { judge } from '../load/verdict';
import { breakingOf, kneeOf, nextOf, type Point, recoveredAt } from './knee';
import type { StressReport, StressStep } from './schema';

/** What never is exceeded: eleven steps at most, since each doubles the clients. */
export const bounds = { clients: 1000, stepSeconds: 60, warmupSeconds: 30, recoverySeconds: 120 } as const;

export type StressOptions = Omit<LoadOptions, 'via' | 'clients' | 'seconds' | 'rate'> & {
  readonly via: Via;
  readonly first: number;
  readonly most: number;
  readonly stepSeconds: number;
  readonly recoverySeconds: number;
  /** Up to so many clients all that was promised is to be kept; undefined: nobody said. */
  readonly hold: number | undefined;
};

/** Raises the load step by step to the knee and past it, takes it back, and sees how long it takes to be as before. */
export const runStress = async (options: StressOptions): Promise<StressReport> => {
  const { profile, via, first, most, stepSeconds, warmupSeconds, recoverySeconds, protocol, promises, place } = options;
  const startedAt = new Date();
  const machine = thisMachine();
  return withPrepared({ ...options, via: [via], clients: most }, async ({ context, scripts, software, settings }) => {
    const put = async (clients: number, burden: Pick<Burden, 'seconds' | 'warmupSeconds'>): Promise<PathReport> =>
      runPath({ via, scripts, clients, rate: undefined, protocol, ...burden }, context);
    const steps: StressStep[] = [];
    let next = nextOf([], { first, most });
    while ('clients' in next) {
      const { clients } = next;
      options.step(`${clients} client${clients === 1 ? '' : 's'}`);
      const path = await put(clients, { seconds: stepSeconds, warmupSeconds });
      steps.push({ clients, path, broken: judge([path], promises, null).findings });
      options.done(`${path.throughput.toFixed(0)} tps`);
      next = nextOf(steps.map(pointOf), { first, most });
    }
    const overAt = performance.now();
    options.step(`Back to ${first}`);
    const path = await put(first, { seconds: recoverySeconds, warmupSeconds: 0 });
    // From the end of the last step: connecting again is part of it.
    const gap = Math.max(0, (performance.now() - overAt) / 1000 - recoverySeconds);
    const at = recoveredAt(path.timeline.stretches, medianOf(steps[0]?.path) ?? 0);
    const seconds = at === null ? null : at + gap;
    options.done(seconds === null ? 'not as before' : `as before after ${seconds.toFixed(1)} s`);
    const recovery = { clients: first, seconds, withinSeconds: recoverySeconds, path };
    const points = steps.map(pointOf);
    const knee = kneeOf(points);
    const breaking = breakingOf(points);
    return {
      version: 1,
      id: `${startedAt.toISOString().replaceAll(/[-:]|\.\d+/g, '')}-stress-${profile.name}`,
      startedAt: startedAt.toISOString(),
      profile: { name: profile.name, does: profile.does },
      ...{ via, stepSeconds, warmupSeconds, protocol, software, settings, steps, recovery, promises },
      machine: { ...machine, shared: isHere(place.server.host) },
      knee: knee === undefined ? null : { clients: knee.clients, throughput: knee.throughput },
      breaking: breaking === undefined ? null : { clients: breaking.point.clients, why: [...breaking.why] },
      ended: 'end' in next ? next.end : '',
      verdict: verdictOf(seconds, recoverySeconds, breaking?.point.clients, options.hold, steps.at(-1)?.clients ?? 0),
    };
  });
};

const pointOf = ({ clients, path, broken }: StressStep): Point => ({ clients, throughput: path.throughput, broken });

const medianOf = (path: PathReport | undefined): number | null =>
  path?.latency.quantiles.find(({ quantile }) => quantile === 0.5)?.seconds ?? null;

/** What is asked of every system is that it comes back; what it is to hold, somebody has to say. */
export const verdictOf = (
  recovered: number | null,
  withinSeconds: number,
  brokeAt: number | undefined,
  hold: number | undefined,
  reached: number,
): StressReport['verdict'] => {
  const findings = [
    ...(recovered === null ? [`it was not as before within ${withinSeconds} s of calm`] : []),
    ...(hold !== undefined && brokeAt !== undefined && brokeAt <= hold
      ? [`it broke with ${brokeAt} clients, and was to hold ${hold}`]
      : []),
    ...(hold !== undefined && brokeAt === undefined && reached < hold
      ? [`it was tried with ${reached} clients only, and was to hold ${hold}`]
      : []),
  ];
  return { kept: findings.length === 0, findings };
};
