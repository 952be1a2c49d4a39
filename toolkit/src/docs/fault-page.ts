import {
  type Case,
  type Cell,
  type Component,
  components,
  type Fault,
  faults,
  type Scraped,
  type Told,
} from '../fire/cell';
import { matrix } from '../fire/matrix';

const titles: Readonly<Record<Component, string>> = {
  postgresql: 'PostgreSQL',
  pgbouncer: 'PgBouncer',
  patroni: 'Patroni’s REST API',
  etcd: 'etcd’s API',
  exporter: 'An exporter itself',
  prometheus: 'Prometheus',
  alertmanager: 'Alertmanager',
};

const code = (text: string): string => `\`${text.replaceAll('|', '\\|')}\``;
const list = (items: readonly string[]): string => items.join('<br>');
const labelsOf = (labels: Readonly<Record<string, string>>): string =>
  Object.entries(labels)
    .filter(([name]) => name !== 'cluster')
    .map(([name, value]) => `${name}="${value}"`)
    .join(', ');
const alertText = ({ name, labels }: Extract<Case['alert'], { name: string }>): string => {
  const shown = labelsOf(labels);
  return shown === '' ? code(name) : code(`${name}{${shown}}`);
};

type Line = readonly [how: string, seen: string, absent: string, says: string, alert: string];

const howOf = ({ how, tls }: { readonly how: string; readonly tls?: string }): string =>
  [how, tls ?? ''].filter(Boolean).join(': ');

const ofCase = (one: Case): Line => [
  howOf(one),
  list(Object.entries(one.metrics).map(([name, value]) => code(`${name} ${value}`))),
  one.absent === 'all' ? 'all but `db_exporter_*`' : list(one.absent.map(code)),
  one.status === null ? '' : list([code(one.status.reason), code(one.status.remedy)]),
  'none' in one.alert ? one.alert.none : alertText(one.alert),
];

const ofScraped = (one: Scraped): Line => [
  howOf(one),
  code('up 0'),
  'all that it exports',
  `Prometheus: ${code(one.scrapeError)}`,
  alertText(one.alert),
];

const ofTold = (one: Told): Line => [howOf(one), `exit status ${one.status}`, 'the report', code(one.says), ''];

const linesOf = (cell: Cell): readonly Line[] => {
  switch (cell.kind) {
    case 'exporter tells':
      return cell.cases.map(ofCase);
    case 'prometheus tells':
      return cell.cases.map(ofScraped);
    case 'command tells':
      return cell.cases.map(ofTold);
    case 'goes on':
      return [
        [cell.how, list(cell.holds), '', cell.log === null ? '' : `its log: ${code(cell.log)}`, 'none: it goes on'],
      ];
    case 'elsewhere':
      return [[`${cell.what}; tested in ${code(cell.file)}: “${cell.title}”`, '', '', '', '']];
    case 'does not apply':
      return [[cell.because, '', '', '', '']];
  }
};

const section = (component: Component): readonly string[] => [
  `## ${titles[component]}`,
  '',
  '| fault | what is done | then there is | and there is not | reason and remedy | alert |',
  '| --- | --- | --- | --- | --- | --- |',
  ...(Object.keys(faults) as Fault[]).flatMap((fault) =>
    linesOf(matrix[component][fault]).map((line) => `| ${[faults[fault], ...line].join(' | ')} |`),
  ),
  '',
];

/** The fault matrix as a page: the same table that makes the tests. */
export const faultPage = (): string =>
  [
    '# Under fire',
    '',
    'Generated from the table in `toolkit/src/fire` by `npm run docs`; a test keeps it current. The same table makes the tests in',
    '`toolkit/test/fire`: real servers and real exporters, each fault really done, and then looked for what the table says: which',
    'values there are, which are absent (never zero, never stale), the reason and the remedy in `/api/v1/status` and the log, and',
    'whether the expression of the alert is true in a real Prometheus. When it is mended, all is as it was before: every family, no',
    'collector that fails, no connection left over. Reasons and remedies are regular expressions.',
    '',
    ...components.flatMap(section),
  ].join('\n');
