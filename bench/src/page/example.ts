import type { Measured } from '../part';

/** What a part could have found, with all that a page has to stand. For tests. */
export const example: Measured = {
  part: 'scale',
  title: 'Scale: how much one process watches',
  how: ['One process, `submilli serve`, every 15 s.', 'Targets are databases of <few> servers.'],
  goals: [
    { what: '200 targets in one process', target: 'one core at most', measured: '0.41 cores', met: true },
    { what: 'Memory | per target', target: 'under 2 MB', measured: '3.1 MB', met: false },
  ],
  tables: [
    {
      title: 'By targets',
      columns: ['targets', 'CPU %', 'who_measured'],
      rows: [
        [1, 0.412345, 'a|b'],
        [10_000, null, '*'],
      ],
    },
  ],
  plots: [
    {
      name: 'scale-targets',
      title: 'CPU by targets',
      kind: 'lines',
      x: 'targets',
      y: 'CPU ms per scrape',
      isLogarithmic: true,
      series: [
        {
          name: 'Submilli, all four exporters in one process',
          points: [1, 5, 10, 50, 100, 200].map((x) => [x, 3 * x ** 0.9] as const),
        },
        { name: 'postgres_exporter', points: [1, 10, 100, 200].map((x) => [x, 11 * x] as const) },
      ],
    },
    {
      name: 'scale-one',
      title: 'A single point',
      kind: 'lines',
      x: 'clients',
      y: 'MB',
      series: [{ name: 'Submilli', points: [[50, 73.2]] }],
    },
    {
      name: 'scale-quantiles',
      title: 'Quantiles',
      kind: 'lines',
      x: 'percentile',
      y: 'ms',
      isLogarithmic: true,
      series: [{ name: 'log', points: [50, 90, 99, 99.9].map((x, i) => [x, 10 ** i] as const) }],
    },
    {
      name: 'scale-long-names',
      title: 'Bars with long names, of wildly different size',
      kind: 'bars',
      x: 'what',
      y: 'ms per scrape',
      isLogarithmic: true,
      series: [
        {
          name: '',
          points: [
            ['Submilli, the same families', 0.004],
            ['prometheus-postgres-exporter of Debian 12, with all that it has by default and custom queries', 12],
            ['zero', 0],
            ['another', 250_000],
          ],
        },
      ],
    },
    {
      name: 'scale-groups',
      title: 'Groups',
      kind: 'bars',
      x: 'tables',
      y: 'MB',
      series: ['Submilli', 'postgres_exporter', 'none'].map((name, i) => ({
        name,
        points: [10, 1000, 10_000].map((x) => [`${x} tables`, (x * (i + 1)) / 3] as const),
      })),
    },
    { name: 'scale-none', title: 'Nothing', kind: 'bars', x: '', y: '', series: [] },
  ],
  startedAt: '2026-07-01T10:20:30.000Z',
  seconds: 372,
  machine: { processors: 2, model: 'A Processor @ 2.0GHz', loadAverageBefore: 0.123 },
  node: 'v20.19.2',
};
