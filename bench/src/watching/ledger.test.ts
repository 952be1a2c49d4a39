import { countConnections } from './ledger';

describe('connections in the server’s log', () => {
  it('are counted by the role that was let in, not by who knocked', () => {
    const log = [
      '2026-01-01 00:00:00.000 UTC [10] LOG:  connection received: host=127.0.0.1 port=40000',
      '2026-01-01 00:00:00.001 UTC [10] LOG:  connection authenticated: identity="watcher_0" method=scram-sha-256',
      '2026-01-01 00:00:00.002 UTC [10] LOG:  connection authorized: user=watcher_0 database=postgres',
      '2026-01-01 00:00:01.000 UTC [11] LOG:  connection authorized: user=watcher_1 database=postgres application_name=x',
      '2026-01-01 00:00:02.000 UTC [12] LOG:  connection authorized: user=watcher_0 database=app',
    ].join('\n');
    expect([...countConnections(log)]).toEqual([
      ['watcher_0', 2],
      ['watcher_1', 1],
    ]);
  });
});
