import { exporterNames, failing, isUp, metricsOf, series, stateDirectory, submilli, until } from './stack';

jest.setTimeout(180_000);

const state = stateDirectory();

describe('the embedded stack', () => {
  beforeAll(() => {
    const { status, output } = submilli('stack', 'up', '--embedded', '--detach', '--rate', '50', '--state', state);
    if (status !== 0) throw new Error(`the stack did not start:\n${output}`);
  }, 180_000);
  afterAll(() => {
    submilli('stack', 'down', '--state', state);
  });

  it('serves all four exporters, and the one without a target says so instead of failing', async () => {
    for (const exporter of exporterNames) {
      const text = await metricsOf(exporter);
      const expected =
        exporter === 'pool' ? { targets: 0, up: false } : { targets: exporter === 'ha' ? 1 : 2, up: true };
      expect({ exporter, targets: series(text, 'db_exporter_targets').get(''), up: isUp(text) }).toEqual({
        exporter,
        ...expected,
      });
      expect(failing(text)).toEqual([]);
    }
    const page = await (await fetch('http://127.0.0.1:9092/')).text();
    expect(page).toContain('No targets');
  });

  it('shows its workload and its standby', async () => {
    const database = '{database="grandmodel"}';
    const rate = await until(
      60,
      async () => series(await metricsOf('query'), 'db_queries_per_second').get(database) ?? 0,
      (value) => value > 1,
    );
    expect(rate).toBeGreaterThan(1);
    expect(series(await metricsOf('ha'), 'db_replication_connected').get('{replica="pg2"}')).toBe(1);
  });
});
