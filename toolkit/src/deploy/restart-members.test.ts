import { type Next, nextRestart } from './restart-members';

type Cluster = { leader: string; pending: Set<string>; standbys: string[] };

/** Does as it is told, as Patroni would; a standby that may not have less than its primary goes on waiting. */
const play = (lowers: boolean, pending = ['pg1', 'pg2', 'pg3'], names = ['pg1', 'pg2', 'pg3']): string[] => {
  const cluster: Cluster = { leader: 'pg1', pending: new Set(pending), standbys: names.slice(1) };
  const restarted = new Set<string>();
  const log: string[] = [];
  for (let turn = 0; turn < 10; turn += 1) {
    const next: Next = nextRestart({ ...cluster, pending: [...cluster.pending] }, lowers, restarted);
    if (next.act === 'nothing') return log;
    if (next.act === 'switchover') {
      log.push(`to ${next.to}`);
      cluster.pending.delete(cluster.leader); // Patroni starts it again as a standby
      cluster.standbys = [...cluster.standbys.filter((name) => name !== next.to), cluster.leader];
      cluster.leader = next.to;
    } else {
      log.push(next.member);
      const held = lowers && next.member !== cluster.leader && cluster.pending.has(cluster.leader);
      if (!held) cluster.pending.delete(next.member);
      if (next.member === cluster.leader) restarted.clear();
      else restarted.add(next.member);
    }
  }
  return [...log, 'no end'];
};

describe('members that wait for a restart', () => {
  it('have it one at a time: standbys, then a switchover instead of the primary’s', () => {
    expect(play(false)).toEqual(['pg2', 'pg3', 'to pg2']);
  });

  it('begin with the primary where it is, when a standby may not have less than it', () => {
    expect(play(true)).toEqual(['pg1', 'pg2', 'pg3']);
  });

  it('are only those that wait: after a kill in the middle the rest has its turn', () => {
    expect(play(false, ['pg1', 'pg3'])).toEqual(['pg3', 'to pg2']);
    expect(play(false, ['pg2'])).toEqual(['pg2']);
    expect(play(false, [])).toEqual([]);
  });

  it('are restarted where they are, when there is nobody to take over', () => {
    expect(play(false, ['pg1'], ['pg1'])).toEqual(['pg1']);
  });
});
