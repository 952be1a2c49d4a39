import { statementsAnswer } from '@submilli/core';
import { messageOf } from '@submilli/core';
import type { Exporters } from '../exporter-api/client';
import { QuestionRefused } from '../prometheus/client';
import { type Asking, iso } from './asking';
import { beginsLater } from './begins';
import { headlinesOf } from './headlines';
import type { Report } from './model';
import { adviceOf } from './sections/advice';
import { capacitiesOf } from './sections/capacity';
import { failoversOf } from './sections/failovers';
import { incidentsOf } from './sections/incidents';
import { latencyOf } from './sections/latency';
import { scoresOf } from './sections/score';
import { statementsOf } from './sections/statements';

export type ReportRequest = Asking & {
  /** Null: only Prometheus is asked. */
  readonly exporters: Exporters | null;
  /** What the databases of a cluster and their WAL may take, where nothing else tells. */
  readonly diskBytes: number | undefined;
  readonly say: (what: string) => void;
  readonly now: () => number;
};

/** Asks for everything, and puts it together. One section that cannot be asked does not take the others with it. */
export const makeReport = async (request: ReportRequest): Promise<Report> => {
  const { period, prometheus, exporters, say } = request;
  const unknown: string[] = [];
  const section = async <T>(name: string, ask: () => Promise<T>, otherwise: T): Promise<T> => {
    say(name);
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof QuestionRefused)) throw error;
      unknown.push(`${name}: ${messageOf(error)}`);
      return otherwise;
    }
  };
  const texts = exporters === null ? new Map<string, string>() : await textsBy(exporters);
  const scores = await section('scores', () => scoresOf(request), []);
  const latency = await section('latency', () => latencyOf(request), []);
  const statements = await section(
    'statements',
    () => statementsOf(request, (database, queryid) => texts.get(`${database}\n${queryid}`)),
    null,
  );
  const incidents = await section('incidents', () => incidentsOf(request), null);
  const failovers = await section('failovers', () => failoversOf(request, exporters), []);
  const capacity = await section('capacity', () => capacitiesOf(request, request.diskBytes), []);
  const advice = await section('advice', () => adviceOf(request, exporters), null);
  const told = { scores, latency, statements, incidents, failovers, capacity, advice };
  const begins = isEmpty(told) ? await beginsLater(request, request.now()) : undefined;
  // Of a time before there was anything no exporter need be looked for.
  unknown.push(
    ...(begins === undefined ? missing(told) : [begins]),
    ...prometheus.warnings().map((warning) => `Prometheus warns: ${warning}`),
  );
  if (exporters === null)
    unknown.push('The exporters were not asked: no texts of statements, no titles of advice, no savings.');
  else unknown.push(...exporters.problems().map((problem) => `An exporter was asked in vain: ${problem}`));
  return {
    version: 1,
    period: { name: period.name, from: iso(period.from), to: iso(period.to), previousFrom: iso(period.previousFrom) },
    generatedAt: iso(request.now()),
    source: { prometheus: prometheus.url, questions: prometheus.asked() },
    headlines: begins === undefined ? headlinesOf({ ...told, unknown }) : [{ tone: 'neutral', text: begins }],
    ...told,
    unknown,
  };
};

const textsBy = async (exporters: Exporters): Promise<ReadonlyMap<string, string>> => {
  const answers = await exporters.all('/api/v1/statements', statementsAnswer);
  return new Map(
    answers.flatMap(({ answer }) =>
      answer.statements.flatMap(({ database, queryid, query }) =>
        query === null ? [] : [[`${database}\n${queryid}`, query] as const],
      ),
    ),
  );
};

type Sections = Pick<Report, 'scores' | 'latency' | 'statements' | 'incidents' | 'failovers' | 'capacity' | 'advice'>;

/** Nothing in a section is no good news: it says what would put something there. */
const missing = ({ scores, latency, statements, incidents, failovers, capacity, advice }: Sections): string[] => [
  ...(scores.length === 0 ? ['No score of any database: is the database exporter scraped?'] : []),
  ...(latency.length === 0 ? ['No latency: no server’s log is read (docs/latency.md).'] : []),
  ...(statements === null ? ['No statement: is the query exporter scraped, and pg_stat_statements created?'] : []),
  ...(incidents?.alertsKnown === false
    ? ['No alert was ever evaluated: are the rules loaded (alert-rules/README.md)?']
    : []),
  ...(failovers.length === 0 ? ['No cluster: is the ha exporter scraped?'] : []),
  ...(capacity.some(({ what }) => what.startsWith('disk')) || capacity.some(({ what }) => what.includes('on the disk'))
    ? []
    : ['How full disks are: neither node_exporter nor --disk-size tells.']),
  ...(advice === null ? ['No advice: no exporter’s rules were evaluated.'] : []),
  ...scores
    .filter(({ coverage: { ratio } }) => ratio < 0.99)
    .map(({ cluster, database, coverage: { ratio, gaps } }) => {
      const times = gaps.slice(0, 3).map(([from, to]) => `${from.slice(0, 16)}Z to ${to.slice(0, 16)}Z`);
      const where = times.length === 0 ? '' : ` (${times.join(', ')}${gaps.length > 3 ? ' …' : ''})`;
      return `The score of ${cluster} / ${database} is known for ${Math.floor(ratio * 100)} % of the period only${where}.`;
    }),
];

/** Nothing at all was found: a report of that would look like good news. */
export const isEmpty = ({ scores, latency, statements, incidents, failovers, capacity, advice }: Sections): boolean =>
  scores.length + latency.length + failovers.length + capacity.length === 0 &&
  statements === null &&
  advice === null &&
  (incidents?.incidents.length ?? 0) === 0;
