import { offsetOf, quantileOf, readAnswer, type Scrape, summarise } from './schedule';

describe('when a target is scraped', () => {
  it('is at the same moment of each interval, within it', () => {
    expect(offsetOf('pg1', 15_000)).toBe(offsetOf('pg1', 15_000));
    expect(offsetOf('pg1', 15_000)).not.toBe(offsetOf('pg2', 15_000));
  });

  it('is spread over the whole interval', () => {
    const offsets = Array.from({ length: 200 }, (_, i) => offsetOf(`t${String(i)}`, 15_000));
    const thirds = [0, 1, 2].map((n) => offsets.filter((at) => Math.floor(at / 5000) === n).length);
    for (const found of thirds) expect(found).toBeGreaterThan(40);
    expect(thirds.reduce((a, b) => a + b)).toBe(200);
  });
});

describe('what an answer says', () => {
  it('is well when the target is up, and counts lines of values', () => {
    const text = '# HELP a A.\n# TYPE a gauge\na 1\ndb_exporter_up 1\n';
    expect(readAnswer(200, text)).toEqual({ problem: null, series: 2, failedCollectors: [] });
  });

  it('is a problem when the target is down, or when it is no answer', () => {
    expect(readAnswer(200, 'db_exporter_up 0\n').problem).toBe('the target was said to be down');
    expect(readAnswer(503, '').problem).toBe('HTTP 503');
  });

  it('names collectors that failed', () => {
    const text = [
      'db_exporter_up 1',
      'db_exporter_collector_success{collector="wal"} 0',
      'db_exporter_collector_success{collector="io"} 1',
      '',
    ].join('\n');
    expect(readAnswer(200, text)).toMatchObject({ problem: null, failedCollectors: ['wal'] });
  });
});

describe('the summary of scrapes', () => {
  const scrape = (startedAt: number, milliseconds: number, problem: string | null = null): Scrape => ({
    ...{ target: 't', startedAt, milliseconds, problem, series: 10, failedCollectors: [] },
  });

  it('is of those that began inside, the late ones among them', () => {
    const all = [
      scrape(0, 9000),
      scrape(100, 5),
      scrape(150, 7),
      scrape(199, 10_000, 'no answer in time'),
      scrape(200, 1),
    ];
    expect(summarise(all, 100, 200)).toEqual({
      ...{ scrapes: 3, failed: 1, p50Ms: 7, p99Ms: 10_000, slowestMs: 10_000, series: 10 },
      problems: ['no answer in time'],
    });
  });

  it('blames no collector of a target that is down', () => {
    const down = { ...scrape(0, 5, 'down'), failedCollectors: ['wal'] };
    expect(summarise([down], 0, 1).problems).toEqual(['down']);
    expect(summarise([{ ...down, problem: null }], 0, 1).problems).toEqual(['collector wal failed']);
  });
});

it('a quantile is a value that was measured', () => {
  expect(quantileOf([4, 1, 3, 2], 0.5)).toBe(2);
  expect(quantileOf([4, 1, 3, 2], 0.99)).toBe(4);
  expect(quantileOf([], 0.5)).toBeNaN();
});
