import fc from 'fast-check';
import { counter, emittersOf, gauge, histogram, legacy, type Sample, summary } from './declare';
import { buildFamilies } from './families';
import { serialise } from './serialise';

const metrics = {
  sessions: gauge('db_sessions', 'Sessions\nby "state" \\ database.', ['database', 'state']),
  bytes: counter('db_bytes_total', 'Bytes.'),
  old: legacy(gauge('db_old', 'Old name.', ['database'])),
  duration: summary('db_duration_seconds', 'Durations.', ['database']),
  latency: histogram('db_latency_seconds', 'Latencies.', ['database']),
} as const;
const emit = emittersOf(metrics);
const options = { seriesPerFamily: 100, legacyMetrics: true };

const text = (samples: readonly Sample[], overrides: Partial<typeof options> = {}): string =>
  serialise(buildFamilies(samples, { ...options, ...overrides }).families);

/** An independent reader of text format 0.0.4: series with their labels and values. */
const parse = (exposition: string): { name: string; labels: Record<string, string>; value: number }[] =>
  exposition
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const [, name = '', , body = '', value = ''] = /^([a-zA-Z_:][\w:]*)(\{(.*)\})? (\S+)$/s.exec(line) ?? [];
      const labels = [...body.matchAll(/([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"(?:,|$)/gs)].map(([, key = '', raw = '']) => [
        key,
        raw.replace(/\\(.)/g, (_, c: string) => (c === 'n' ? '\n' : c)),
      ]);
      return { name, labels: Object.fromEntries(labels) as Record<string, string>, value: Number(value) };
    });

describe('exposition', () => {
  it('writes HELP, TYPE and one line per series, families in order of name', () => {
    expect(
      text([
        emit.sessions({ database: 'app', state: 'active' }, 3),
        emit.bytes({}, 7),
        emit.sessions({ state: 'idle', database: 'app' }, 0),
      ]),
    ).toBe(
      [
        '# HELP db_bytes_total Bytes.',
        '# TYPE db_bytes_total counter',
        'db_bytes_total 7',
        '# HELP db_sessions Sessions\\nby "state" \\\\ database.',
        '# TYPE db_sessions gauge',
        'db_sessions{database="app",state="active"} 3',
        'db_sessions{database="app",state="idle"} 0',
        '',
      ].join('\n'),
    );
  });

  it('brings any label value through, whatever characters it holds', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme', maxLength: 60 }),
        fc.double({ noNaN: true, noDefaultInfinity: true }),
        (name, value) => {
          const [series] = parse(text([emit.sessions({ database: name, state: 's' }, value)]));
          expect(series?.labels.database).toBe(name.replaceAll('\u0000', '\ufffd'));
          expect(series?.value).toBeCloseTo(value, 10);
        },
      ),
    );
  });

  it('replaces what is not well-formed Unicode instead of breaking the answer', () => {
    expect(text([emit.sessions({ database: 'a\ud800b', state: 'x' }, 1)])).toContain('database="a\ufffdb"');
  });

  it('keeps series apart whose label values only look alike when joined', () => {
    const samples = [
      emit.sessions({ database: 'x,b:y', state: '' }, 1),
      emit.sessions({ database: 'x', state: 'b:y' }, 2),
    ];
    expect(parse(text(samples))).toHaveLength(2);
  });

  it('keeps series apart whose label values are alike once they are escaped by hand', () => {
    const samples = ['a\nb', 'a\\nb', 'a"b', 'a\\"b'].map((state) => emit.sessions({ database: 'x', state }, 1));
    expect(parse(text(samples)).map(({ labels }) => labels.state)).toEqual(['a\nb', 'a\\nb', 'a"b', 'a\\"b']);
  });

  it('cuts a label value that is too long, and leaves no half of a character', () => {
    const [series] = parse(text([emit.sessions({ database: `${'x'.repeat(255)}😀`, state: '' }, 1)]));
    expect(series?.labels.database).toBe(`${'x'.repeat(255)}\ufffd`);
  });

  it('drops and counts duplicates, values that are not finite, and series over the cap', () => {
    const samples = [
      emit.sessions({ database: 'a', state: 's' }, 1),
      emit.sessions({ database: 'a', state: 's' }, 2),
      emit.sessions({ database: 'b', state: 's' }, Number.NaN),
      emit.sessions({ database: 'c', state: 's' }, 3),
      emit.sessions({ database: 'd', state: 's' }, 4),
    ];
    const built = buildFamilies(samples, { seriesPerFamily: 2, legacyMetrics: true });
    expect(built.families[0]?.lines.map((line) => line.value)).toEqual([1, 3]);
    expect(built.dropped).toEqual([
      { family: 'db_sessions', reason: 'duplicate', count: 1 },
      { family: 'db_sessions', reason: 'invalid', count: 1 },
      { family: 'db_sessions', reason: 'cap', count: 1 },
    ]);
  });

  it('leaves out a value we do not have, and the family with it', () => {
    expect(text([emit.bytes({}, null)])).toBe('');
  });

  it('leaves out promised names when they are switched off', () => {
    expect(text([emit.old({ database: 'a' }, 1)], { legacyMetrics: false })).toBe('');
  });

  it('writes summaries and histograms with sum and count, buckets ending in +Inf', () => {
    const summaryText = text([
      emit.duration(
        { database: 'a' },
        {
          quantiles: new Map([
            [0.5, 0.001],
            [0.99, 0.01],
          ]),
          sum: 2,
          count: 100,
        },
      ),
    ]);
    expect(summaryText).toContain('db_duration_seconds{database="a",quantile="0.99"} 0.01\n');
    expect(summaryText).toContain(
      'db_duration_seconds_sum{database="a"} 2\ndb_duration_seconds_count{database="a"} 100\n',
    );
    const histogramText = text([
      emit.latency(
        { database: 'a' },
        {
          buckets: new Map([
            [0.001, 5],
            [0.01, 9],
          ]),
          sum: 0.05,
          count: 10,
        },
      ),
    ]);
    expect(histogramText).toContain('db_latency_seconds_bucket{database="a",le="0.01"} 9\n');
    expect(histogramText).toContain('db_latency_seconds_bucket{database="a",le="+Inf"} 10\n');
  });
});
