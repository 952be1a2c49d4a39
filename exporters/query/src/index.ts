import { type ExporterDefinition, type PostgresFacts, postgresSource, type SqlSession } from '@submilli/core';
import { planEstimateOff } from './advice/plan-estimate-off';
import { planIndexUnusable } from './advice/plan-index-unusable';
import { planRegressed } from './advice/plan-regressed';
import { planWastefulScan } from './advice/plan-wasteful-scan';
import { statementRules } from './advice/of-statements';
import { plansResource } from './resources/plans';
import { statementsResource } from './resources/statements';
import { logSampling } from './advice/log-sampling';
import { missingIndex } from './advice/missing-index';
import { supersededIndex } from './advice/superseded-index';
import { indexAdviceResource } from './resources/index-advice';
import { indexAdvice } from './surveys/index-advice';
import { rowsUnderestimated } from './advice/rows-underestimated';
import { slowCommits } from './advice/slow-commits';
import { tailBlowUp } from './advice/tail-blow-up';
import { logSettings } from './collectors/log-settings';
import { latencyResource } from './resources/latency';
import { slowResource } from './resources/slow';
import { regressions } from './derived/regressions';
import { slow } from './derived/slow';
import { canary } from './probes/canary';
import { running } from './samplers/running';
import { latency } from './derived/latency';
import { log } from './samplers/log';
import { statements } from './samplers/statements';
import { plans } from './surveys/plans';

export const queryExporter: ExporterDefinition<SqlSession, PostgresFacts> = {
  name: 'query',
  title: 'Submilli query exporter',
  description: 'Statements, how long they really take, and how they are planned, for Prometheus.',
  section: 'postgres',
  registry: {
    collectors: [logSettings],
    samplers: [statements, log, running],
    surveys: [plans, indexAdvice],
    probes: [canary],
    derived: [latency, slow, regressions],
    rules: [
      ...statementRules,
      logSampling,
      tailBlowUp,
      slowCommits,
      rowsUnderestimated,
      missingIndex,
      supersededIndex,
      planRegressed,
      planWastefulScan,
      planIndexUnusable,
      planEstimateOff,
    ],
  },
  targets: (config, clock) =>
    config.postgres.map((address) => ({
      name: address.name,
      source: postgresSource(address, 'query', config, clock),
    })),
  resources: [statementsResource, latencyResource, slowResource, plansResource, indexAdviceResource],
};

/** The index advisor as a library, for the toolkit and the benches. */
export { advise, type AdviseOptions, usualOptions } from './advisor/advise';
export { readCatalog } from './advisor/catalog';
export { plannerOf } from './advisor/planner';
export { namesIn } from './advisor/query';
export type { Advice, AdvisedIndex } from './advisor/report';
export type { Statement, Workload } from './advisor/workload';
export { isPlannable, plannableOf } from './explain/plannable';
export { readSearchPaths } from './explain/search-path';
export { loadParser } from './statements/query-type';

/** Distributions of durations, for the toolkit: the same quantiles as those of the log. */
export { ACCURACY, addAll, emptySketch, quantilesOf, type Sketch, type Weighted } from './latency/sketch';

/** What the advice `log-sampling` would have logged, for the bench. */
export { recommendSampling, tailFromMs } from './log/tuner';
