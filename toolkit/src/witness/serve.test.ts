import type { WitnessStatus } from './diary';
import { pageOf } from './serve';

const status: WitnessStatus = {
  ...{ name: 'w1', witnesses: ['w1', 'w2', 'w3'], scope: 'main', sees: 'calm', why: 'pg1: PostgreSQL answers' },
  ...{ leader: 'pg1', checks: 0, checksNeeded: 4, objections: [], standbys: [], lastSawSecondsAgo: 0.2 },
  ...{ looks: { total: 9, blind: 0 }, votes: 0, removals: 0, lastRemoval: null },
};

describe('a witness, asked over HTTP', () => {
  it('is healthy while it sees', () => {
    expect(pageOf('/-/healthy', status)).toMatchObject({ code: 200, body: 'healthy: calm, pg1: PostgreSQL answers\n' });
    const blind = { ...status, lastSawSecondsAgo: 7, why: 'etcd did not answer' };
    expect(pageOf('/-/healthy', blind)).toMatchObject({ code: 503, body: 'blind: etcd did not answer\n' });
    expect(pageOf('/-/healthy', { ...status, lastSawSecondsAgo: null }).code).toBe(503);
  });

  it('is ready when it would act, and else says what is in the way', () => {
    expect(pageOf('/-/ready', status)).toMatchObject({ code: 200, body: 'ready\n' });
    const paused = { ...status, objections: ['the cluster is paused'] };
    expect(pageOf('/-/ready', paused)).toMatchObject({ code: 503, body: 'the cluster is paused\n' });
    expect(pageOf('/-/ready', { ...status, lastSawSecondsAgo: 7 }).code).toBe(503);
  });

  it('tells all it knows as JSON', () => {
    expect(JSON.parse(pageOf('/api/v1/status', status).body)).toEqual(status);
    expect(pageOf('/nowhere', status).code).toBe(404);
  });
});
