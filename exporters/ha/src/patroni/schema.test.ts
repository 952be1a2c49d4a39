import { lagSeconds } from '../topology/replicas';
import { clusterAnswer, configAnswer, historyAnswer, memberAnswer } from './schema';

describe('Patroni’s answers', () => {
  it('of 3.0 and of 4.1 mean the same', () => {
    const old = clusterAnswer.parse({
      members: [
        {
          name: 'pg1',
          role: 'leader',
          state: 'running',
          api_url: 'http://h:8008/patroni',
          host: 'h',
          port: 5432,
          timeline: 1,
        },
        { name: 'pg2', role: 'sync_standby', state: 'running', host: 'h', port: 5433, timeline: 1, lag: 0 },
      ],
    });
    const recent = clusterAnswer.parse({
      members: [
        { name: 'pg1', role: 'leader', state: 'running', timeline: 1, lsn: '0/4000060' },
        {
          ...{ name: 'pg2', role: 'quorum_standby', state: 'streaming', timeline: 1, lag: 'unknown', lsn: '0/4000000' },
          ...{ receive_lag: 0, replay_lag: 0, pending_restart: true, tags: { nofailover: true } },
        },
      ],
      scope: 'grandmodel',
      pause: true,
    });
    expect(old.members[1]?.lag).toBe(0);
    expect(recent.members[1]?.lag).toBeNull();
    expect(recent.pause).toBe(true);
  });

  it('about one member are understood with the old and the new name of a primary', () => {
    const member = { state: 'running', server_version: 150018, patroni: { version: '3.0.2', scope: 'grandmodel' } };
    expect(memberAnswer.parse({ ...member, role: 'master' }).role).toBe('master');
    expect(
      memberAnswer.parse({ ...member, role: 'primary', patroni: { ...member.patroni, name: 'pg1' } }).patroni.name,
    ).toBe('pg1');
  });

  it('leave a setting unknown that is not in them, and are refused when none is', () => {
    expect(configAnswer.parse({ ttl: 20, synchronous_mode: 'quorum' })).toEqual({ ttl: 20, synchronous_mode: true });
    expect(configAnswer.parse({ ttl: 20, failover_timeout: 5 })).toHaveProperty('failover_timeout', 5);
    expect(configAnswer.safeParse({ members: [] }).success).toBe(false);
  });

  it('of history carry the time and the new leader where the version tells them', () => {
    const entries = [
      [1, 67109024, 'no recovery target specified'],
      [2, 83886080, 'no recovery target specified', '2026-11-23T12:00:00.1+00:00', 'pg2'],
    ];
    expect(historyAnswer.parse(entries)[1]?.[4]).toBe('pg2');
  });
});

describe('replication lag', () => {
  it('in seconds is zero when nothing is outstanding, and unknown when something is', () => {
    expect([lagSeconds(null, 0), lagSeconds(null, 8), lagSeconds(0.2, 8)]).toEqual([0, null, 0.2]);
  });
});
