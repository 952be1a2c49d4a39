import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { configSchema } from '@submilli/core';
import { look } from './exporters';

const well = `db_exporter_up 1
db_transactions_total{database="app",outcome="commit"} 40
db_transactions_total{database="app",outcome="rollback"} 2
db_session_active_seconds_total{database="app"} 1.5
db_session_idle_in_transaction_seconds_total{database="app"} 0.5
`;

let server: Server | undefined;
afterEach(() => server?.close());

/** An exporter that says this, one after the other, and then the last again; and how often it was asked. */
const exporterThatSays = async (...answers: readonly string[]) => {
  let asked = 0;
  server = createServer((_, response) => {
    response.end(answers[Math.min(asked, answers.length - 1)]);
    asked += 1;
  });
  await new Promise<void>((done) => server?.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  return { config: configSchema.parse({ listen: { database: `127.0.0.1:${port}` } }), asked: () => asked };
};

describe('a look at an exporter', () => {
  it('has the counters of one database', async () => {
    const { config } = await exporterThatSays(well);
    expect(await look(config, 'database', 'pg1', 'app')).toEqual({
      counters: {
        ...{ db_transactions_total: 42, db_session_active_seconds_total: 1.5 },
        db_session_idle_in_transaction_seconds_total: 0.5,
      },
    });
  });

  it('waits for one that has lost its server under the load, or for a collector that has failed', async () => {
    const half = `db_exporter_up 1\ndb_exporter_collector_success{collector="database-window"} 0\n`;
    const { config, asked } = await exporterThatSays('db_exporter_up 0\n', half, well);
    expect(await look(config, 'database', 'pg1', 'app')).toMatchObject({ counters: { db_transactions_total: 42 } });
    expect(asked()).toBe(3);
  });

  it('does not wait for one that is not there, or is switched off', async () => {
    const { config } = await exporterThatSays(well);
    server?.close();
    expect(await look(config, 'database', 'pg1', 'app')).toMatchObject({
      absent: expect.stringMatching(/^the database exporter does not answer/) as string,
    });
    const off = { ...config, listen: { ...config.listen, database: null } };
    expect(await look(off, 'database', 'pg1', 'app')).toEqual({ absent: 'the database exporter is switched off' });
  });
});
