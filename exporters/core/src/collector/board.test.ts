import { createBoard, FRESH_MS, isPoolSaturation, isSameServer, isServerRoom, type PoolSaturation } from './board';

const item = (database: string): PoolSaturation => ({
  kind: 'pool-saturation',
  ...{ host: '127.0.0.1', port: 5432, database, ratio: 0.5, waitSeconds: 0 },
});

describe('the board that exporters of one process share', () => {
  let now = 0;
  const board = createBoard({ monotonic: () => now, wall: () => now });
  const databases = () =>
    board
      .fresh()
      .filter(isPoolSaturation)
      .map(({ database }) => database);

  it('shows what every target said last', () => {
    board.post('pool/a', [item('old')]);
    board.post('pool/a', [item('app'), item('reports')]);
    board.post('pool/b', [item('more')]);
    expect(databases()).toEqual(['app', 'reports', 'more']);
  });

  it('forgets what a target takes back, and what was said too long ago', () => {
    now += FRESH_MS;
    board.post('pool/a', []);
    expect(databases()).toEqual(['more']);
    now += 1;
    expect(board.fresh()).toEqual([]);
  });

  it('holds things of several kinds', () => {
    const room = { kind: 'server-room', host: 'pg', port: 5432, limit: 97 } as const;
    board.post('database/pg', [room]);
    expect([databases(), board.fresh().filter(isServerRoom)]).toEqual([[], [room]]);
  });
});

describe('servers', () => {
  const at = (host: string, port = 5432) => ({ host, port });

  it('are the same by host and port, and this machine by any of its names', () => {
    expect(isSameServer(at('PG.example'), at('pg.example'))).toBe(true);
    expect(isSameServer(at('pg.example'), at('pg.example', 5433))).toBe(false);
    expect(isSameServer(at('/run/postgresql'), at('127.0.0.1'))).toBe(true);
    expect(isSameServer(at(''), at('10.0.0.1'))).toBe(false);
  });
});
