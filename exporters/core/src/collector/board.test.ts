import { createBoard, FRESH_MS, type PoolSaturation } from './board';

const item = (database: string): PoolSaturation => ({
  kind: 'pool-saturation',
  ...{ host: '127.0.0.1', port: 5432, database, ratio: 0.5, waitSeconds: 0 },
});

describe('the board that exporters of one process share', () => {
  let now = 0;
  const board = createBoard({ monotonic: () => now, wall: () => now });

  it('shows what every target said last', () => {
    board.post('pool/a', [item('old')]);
    board.post('pool/a', [item('app'), item('reports')]);
    board.post('pool/b', [item('more')]);
    expect(board.fresh().map(({ database }) => database)).toEqual(['app', 'reports', 'more']);
  });

  it('forgets what a target takes back, and what was said too long ago', () => {
    now += FRESH_MS;
    board.post('pool/a', []);
    expect(board.fresh().map(({ database }) => database)).toEqual(['more']);
    now += 1;
    expect(board.fresh()).toEqual([]);
  });
});
