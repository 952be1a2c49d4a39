import { fallen } from './score';
import { soak } from './soak';
import { type Health, worseThan } from './health';

const well: Health = {
  ...{ leader: 'pg1', paused: false, streaming: ['pg2'], synchronous: ['pg2'], unasked: null, pools: { pool: null } },
  members: { pg1: { runs: true, state: 'running' }, pg2: { runs: true, state: 'running' } },
};

/** Watches with a clock of its own, and finds wrong what the script says second by second. */
const watched = async (seconds: number, patience: number, wrongAt: (second: number) => string | undefined) => {
  let ms = 0;
  const wrong = await soak({
    ...{ seconds, patience, say: () => undefined, signal: new AbortController().signal },
    now: () => ms,
    look: () => Promise.resolve([wrongAt(ms / 1000) ?? []].flat()),
    pause: (pause) => {
      ms += pause;
      return Promise.resolve();
    },
  });
  return { wrong, at: ms / 1000 };
};

describe('the time after a deploy', () => {
  it('ends well when nothing was wrong', async () => {
    expect(await watched(60, 15, () => undefined)).toEqual({ wrong: [], at: 60 });
  });

  it('ends at once when something has been wrong for too long', async () => {
    expect(await watched(60, 15, (second) => (second >= 10 ? 'slow' : undefined))).toEqual({ wrong: ['slow'], at: 26 });
  });

  it('forgives a dip', async () => {
    expect(await watched(60, 15, (second) => (second >= 10 && second < 20 ? 'slow' : undefined))).toEqual({
      ...{ wrong: [], at: 60 },
    });
  });

  it('does not end while something is wrong that has not lasted yet', async () => {
    expect(await watched(60, 15, (second) => (second >= 50 ? 'slow' : undefined))).toEqual({ wrong: ['slow'], at: 66 });
    expect((await watched(60, 15, (second) => (second >= 50 && second < 62 ? 'slow' : undefined))).wrong).toEqual([]);
  });
});

describe('a score after a deploy', () => {
  const before = { app: 95, other: 60 };

  it('may be lower by so much, and is told with its reason when it is lower', () => {
    const scores = { app: { value: 86, why: '' }, other: { value: 30, why: 'sessions are refused' } };
    expect(fallen(before, { scores }, 10)).toEqual(['the score of other fell from 60 to 30: sessions are refused']);
  });

  it('that is missing is not known to be well', () => {
    expect(fallen(before, { absent: 'nobody answers' }, 10)).toEqual(['there is no score: nobody answers']);
    expect(fallen(before, { scores: { app: { value: 100, why: '' } } }, 10)).toEqual([
      'there is no score of other any more',
    ]);
  });
});

describe('a cluster after a deploy', () => {
  it('may have another leader', () => {
    expect(worseThan(well, { ...well, leader: 'pg2', streaming: ['pg1'], synchronous: ['pg1'] })).toEqual([]);
  });

  it('is worse when anything is worse than it was', () => {
    const now: Health = {
      ...{ leader: null, paused: false, streaming: [], synchronous: [], unasked: null, pools: { pool: 'no answer' } },
      members: { pg1: { runs: true, state: 'running' }, pg2: { runs: false, state: 'stopped' } },
    };
    expect(worseThan(well, now)).toEqual([
      ...['there is no leader', 'pg2 is stopped', '0 of 1 standbys stream'],
      ...['commits wait for fewer standbys than before', 'pool: no answer'],
    ]);
    expect(worseThan(now, now)).toEqual([]);
  });

  it('whose leader can’t be asked is not taken for one without standbys', () => {
    const now: Health = { ...well, streaming: [], synchronous: [], unasked: 'too many clients already' };
    expect(worseThan(well, now)).toEqual(['the leader can’t be asked: too many clients already']);
  });
});
