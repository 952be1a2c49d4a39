import { moreThan, type Priced } from './overhead';
import { causeTable, errorPlot, errorTable, goalsOf, overheadTable } from './report';
import type { Run } from './runs';

const truth = [0.002, 0.004, 0.01, 0.02];
const run = (more: Partial<Run>): Run => ({
  ...{ workload: 'steady', protocol: 'simple', rate: 0.01, hasTail: true, statements: 20_000, lines: 400 },
  ...{ clients: truth, server: truth, executed: truth, log: truth, estimate: truth, exporterSeconds: 0.1 },
  bounds: truth.map((seconds) => [seconds, seconds] as const),
  ...more,
});

describe('the goals', () => {
  it('are judged by the worst run with a tail, against what clients measured, and name the method’s share', () => {
    const [p99, p999] = goalsOf([
      run({}),
      run({ workload: 'bimodal', log: [0.002, 0.004, 0.0094, 0.019], executed: [0.002, 0.004, 0.0095, 0.019] }),
      run({ hasTail: false, log: [0.002, 0.004, 0.1, undefined] }),
    ]);
    expect(p99).toMatchObject({ met: false, target: 'within 5 %' });
    expect(p99?.measured).toMatch(
      /^−6\.0 % \(bimodal, log, 1 % and the tail\), against the server’s own durations −1\.1 % there; of the method/,
    );
    expect(p999?.met).toBe(true);
  });

  it('name what is not told, and are not met when nothing tells it of a workload', () => {
    const silent = run({ log: [0.002, 0.004, 0.01, undefined] });
    const [, told] = goalsOf([run({ rate: 0.1 }), silent]);
    expect(told).toMatchObject({ met: true });
    expect(told?.measured).toMatch(/; not told, for want of statements: steady, log, 1 % and the tail$/);
    expect(goalsOf([run({ workload: 'bimodal' }), silent])[1]).toMatchObject({ met: false });
    expect(goalsOf([silent])[1]).toMatchObject({ met: false, measured: expect.stringMatching(/^not told/) as string });
  });
});

describe('the tables', () => {
  it('give the error of each source against both truths, and nothing where one is not known', () => {
    const { columns, rows } = errorTable([
      run({ rate: 1, hasTail: false, estimate: [0.001, 0.004, undefined, undefined] }),
      run({ hasTail: false, executed: [undefined, undefined, undefined, undefined] }),
    ]);
    expect(rows.map(([, source]) => source)).toEqual(['log, 100 %', 'estimate', 'log, 1 %']);
    for (const row of rows) expect(row).toHaveLength(columns.length);
    expect(rows[1]?.slice(5, 9)).toEqual([-50, 0, null, null]);
    expect(rows[2]?.slice(9)).toEqual([null, null, null, null, null]);
  });

  it('count how often the server’s truth lies within the bounds', () => {
    const [row] = errorTable([run({ executed: [0.002, undefined, 0.01, 0.03] })]).rows;
    expect(row?.at(-1)).toBe('2 of 3');
  });

  it('split what clients measured into what no duration has, parse and bind, and the method', () => {
    const of = (p99: number): Run['server'] => [0.001, 0.002, p99, 0.03];
    const [, p99] = causeTable([
      run({ clients: of(0.01), server: of(0.008), executed: of(0.007), log: of(0.0077) }),
    ]).rows;
    expect(p99).toEqual(['steady', 'simple', 'P99', 10, 8, 20, 10, 10]);
  });
});

describe('the plot of errors', () => {
  it('has no bar for what a source does not say', () => {
    const { series } = errorPlot([run({ rate: 1, hasTail: false }), run({ log: [0.002, 0.004, 0.0101, undefined] })]);
    expect(series.map(({ name, points }) => [name, points.length])).toEqual([
      ['log, 100 %', 2],
      ['log, 1 % and the tail', 1],
      ['estimate', 2],
    ]);
    expect(series[1]?.points[0]?.[1]).toBeCloseTo(1);
  });
});

describe('what logging costs', () => {
  const priced = (name: string, rate: number | null, backend: readonly number[]): Priced => ({
    ...{ name, rate, protocol: 'prepared' },
    costs: backend.map((cost) => ({ backend: cost, logger: 1 })),
  });

  it('is compared within a round, whatever the rounds have between them', () => {
    const more = moreThan(priced('10 %', 0.1, [11, 22, 45]), priced('off', null, [10, 20, 40]));
    expect([more.median, more.least, more.most].map(Math.round)).toEqual([10, 10, 13]);
  });

  it('is shown beside the noise: what is off has been measured twice', () => {
    const { rows } = overheadTable([
      priced('off', null, [10]),
      priced('off, again', null, [11]),
      priced('1 %', 0.01, [12]),
    ]);
    expect(rows.map((row) => row[3])).toEqual([null, 10, 20]);
  });
});
