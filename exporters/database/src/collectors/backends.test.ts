import { type Waiting, withOthers } from './backends';

const waiting = (database: string, wait_event: string, sessions: number): Waiting => ({
  ...{ database, wait_event_type: 'IO', wait_event, sessions },
});

describe('sessions that wait', () => {
  it('are shown by the most frequent events, and the rest of each database summed up', () => {
    const all = [waiting('app', 'a', 5), waiting('web', 'a', 3), waiting('app', 'b', 2), waiting('app', 'c', 1)];
    expect(withOthers(all, 4)).toEqual(all);
    expect(withOthers(all, 1)).toEqual([
      waiting('app', 'a', 5),
      { ...waiting('web', 'other', 3), wait_event_type: 'other' },
      { ...waiting('app', 'other', 3), wait_event_type: 'other' },
    ]);
  });
});
