import { t } from '@grafana/i18n';
import type { BadgeColor } from '@grafana/ui';
import { confidenceOf } from '../../domain/latency/sources';
import type { Estimate } from '../../domain/latency/histogram';
import type { How, Place, Stage } from '../../domain/latency/stages';

export const placeWord = (place: Place): string => {
  switch (place) {
    case 'server':
      return t('latency.place.server', 'on the server');
    case 'pool':
      return t('latency.place.pool', 'in the pool');
    case 'client':
      return t('latency.place.client', 'as a client');
  }
};

export const stageWord = (stage: Stage): string => {
  switch (stage) {
    case 'statements':
      return t('latency.stage.statements', 'statements');
    case 'commit':
      return t('latency.stage.commit', 'COMMIT, until it is durable');
    case 'pool-wait':
      return t('latency.stage.pool-wait', 'waits for a server connection that were seen');
    case 'pool-acquire':
      return t('latency.stage.pool-acquire', 'acquisition of a connection');
    case 'canary-direct-read':
      return t('latency.stage.direct-read', 'a small read, directly');
    case 'canary-pool-read':
      return t('latency.stage.pool-read', 'a small read, through the pool');
    case 'canary-direct-write':
      return t('latency.stage.direct-write', 'a small write, directly');
    case 'canary-pool-write':
      return t('latency.stage.pool-write', 'a small write, through the pool');
  }
};

export const howWord = (how: How): string => {
  switch (how) {
    case 'log':
      return t('latency.how.log', 'the server’s log, weighted');
    case 'sampled':
      return t('latency.how.sampled', 'looks at PgBouncer’s queue; short waits are missed');
    case 'probe':
      return t('latency.how.probe', 'a probe of our own');
    case 'canary':
      return t('latency.how.canary', 'the canary, on an open loop');
  }
};

/** Why a line is empty, and what would fill it. */
export const absentBecause = (stage: Stage): string => {
  switch (stage) {
    case 'statements':
    case 'commit':
      return t(
        'latency.absent.log',
        'the server’s log is not read, or nothing was logged in this time; see docs/latency.md.',
      );
    case 'pool-wait':
      return t('latency.absent.wait', 'nobody was seen waiting in this time, or the pool exporter is not scraped.');
    case 'pool-acquire':
      return t(
        'latency.absent.probe',
        'the pool exporter’s probe is not set up: “probe” under “pgbouncer” in submilli.yml.',
      );
    case 'canary-direct-read':
    case 'canary-direct-write':
    case 'canary-pool-read':
    case 'canary-pool-write':
      return t(
        'latency.absent.canary',
        'no canary takes this path: “canary” in submilli.yml, and submilli setup-role --canary.',
      );
  }
};

/** A P99 with fewer than ten observations beyond it says little, however narrow its bucket. */
const FEW = 1000;

export const confidenceWord = (
  observed: number,
  value: Estimate,
): { readonly text: string; readonly color: BadgeColor } => {
  const confidence = observed < FEW ? 'low' : confidenceOf(value);
  switch (confidence) {
    case 'high':
      return { text: t('latency.confidence.high', 'sure'), color: 'green' };
    case 'medium':
      return { text: t('latency.confidence.medium', 'about right'), color: 'blue' };
    case 'low':
      return observed < FEW
        ? { text: t('latency.confidence.few', 'few observations'), color: 'orange' }
        : { text: t('latency.confidence.low', 'wide bounds'), color: 'orange' };
  }
};
