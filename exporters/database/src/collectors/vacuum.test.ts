import { oneEach, type VacuumRow } from './vacuum';

const building = (seconds: number, relation = 'public.t'): VacuumRow['running'][number] => ({
  ...{ database: 'app', relation, kind: 'create index', phase: 'building index' },
  ...{ done: 0.5, index_passes: null, seconds },
});

describe('running maintenance', () => {
  it('shows of two index builds on one table the one that runs longer', () => {
    const running = [building(9), building(1), building(3, 'public.u')];
    expect(oneEach(running).map(({ relation, seconds }) => [relation, seconds])).toEqual(
      expect.arrayContaining([
        ['public.t', 9],
        ['public.u', 3],
      ]),
    );
    expect(oneEach(running)).toHaveLength(2);
  });
});
