import { failoversAnswer } from '@submilli/api/failovers';
import { type TopologyAnswer, topologyAnswer } from '@submilli/api/topology';
import { screen, within } from '@testing-library/react';
import failoversCaptured from '../../../test/fixtures/failovers-0.1.0.json';
import captured from '../../../test/fixtures/topology-0.1.0.json';
import { answering, renderInApp } from '../../../test/render';
import { BackupsCard } from './BackupsCard';
import { DrillsCard } from './DrillsCard';
import { Cluster } from './HaPage';

const answer = topologyAnswer.parse(captured);
const history = failoversAnswer.parse(failoversCaptured);
const view = { from: 0, to: 3_600_000, cluster: '', database: '' };

const draw = (changed: Partial<TopologyAnswer> = {}, told: Partial<typeof history> = {}) =>
  renderInApp(<Cluster name="grandmodel" cluster={{ ...answer, ...changed }} history={{ ...history, ...told }} />);
const card = (name: string | RegExp) => within(screen.getByRole('region', { name }));
const [first] = answer.members;
if (first === undefined) throw new Error('the fixture has no member');

describe('a cluster', () => {
  it('that is well has its members, and nothing to warn of', () => {
    draw();
    const rows = within(screen.getByRole('region', { name: 'Members' }))
      .getAllByRole('row')
      .slice(1);
    expect(rows.map((row) => row.textContent?.slice(0, 3)).sort()).toEqual(
      answer.members.map(({ name }) => name).sort(),
    );
    expect(screen.queryByRole('alert')).not.toBeInTheDocument();
    expect(card('Readiness for a failover').getByText(/Nothing is in the way/)).toBeInTheDocument();
  });

  it('says of each failover from whom to whom, why, how long, and by what that is known', () => {
    draw();
    const [record] = history.failovers;
    const item = card('Failover history').getAllByRole('listitem').at(-1);
    expect(item).toHaveTextContent(`from ${record?.from ?? ''} to ${record?.to ?? ''}: switchover`);
    expect(item).toHaveTextContent('nothing could be written for');
    expect(item).toHaveTextContent(record?.evidence[0] ?? 'no evidence');
  });

  it('whose failover nobody watched has it as the history of timelines does, without a time', () => {
    const unseen = { from: null, to: null, cause: null, sure: null, seconds: null, low: null, high: null };
    const [record] = history.failovers;
    if (record === undefined) throw new Error('the fixture has no failover');
    draw({}, { failovers: [{ ...record, ...unseen, evidence: [], reason: 'no recovery target specified' }] });
    expect(card('Failover history').getByRole('listitem')).toHaveTextContent(
      'timeline 1 ended: no recovery target specified',
    );
    expect(card('Failover history').getByRole('listitem')).toHaveTextContent('nobody watched it');
  });

  it('with two primaries says so before all else', () => {
    draw({ splitBrain: true, members: answer.members.map((one) => ({ ...one, writable: true })) });
    expect(screen.getByText('grandmodel has two primaries: pg1, pg2')).toBeInTheDocument();
  });

  it('without a primary says since when', () => {
    draw({ primary: null }, { unwritableSince: '2026-11-28T10:00:00.000Z' });
    expect(screen.getByText('grandmodel has no leader')).toBeInTheDocument();
    expect(screen.getByText(/Nothing could be written since/)).toBeInTheDocument();
  });

  it('tells each reason that takes from its readiness, and what is not known', () => {
    draw({
      readiness: {
        ...{ ratio: 0, clear: ['paused'], unknown: [{ reason: 'store-fragile', why: 'etcd is not configured' }] },
        blocked: [{ reason: 'no-candidate', share: 1, sentence: 'Patroni may promote no standby.' }],
      },
    });
    const readiness = card('Readiness for a failover');
    expect(readiness.getByText(/would not happen, or must not/)).toBeInTheDocument();
    expect(readiness.getByText(/Patroni may promote no standby/)).toBeInTheDocument();
    expect(readiness.getByText(/store-fragile \(etcd is not configured\)/)).toBeInTheDocument();
  });

  it('has no prediction without a reason why, and no store where none is configured', () => {
    draw({ recovery: { patroniVersion: null, why: 'there is no Patroni', faults: [] }, etcd: null });
    expect(screen.getByText(/Nothing is predicted: there is no Patroni/)).toBeInTheDocument();
    expect(screen.queryByRole('region', { name: 'Store (etcd)' })).not.toBeInTheDocument();
  });

  it('marks a member that is missing', () => {
    draw({ members: [{ ...first, up: false, missing: true }] });
    expect(screen.getByText('missing')).toBeInTheDocument();
  });
});

describe('backups', () => {
  it('are not said to be none where nothing is known of them', async () => {
    answering({ '/api/ds/query': { results: {} } });
    renderInApp(<BackupsCard view={view} />);
    expect(await screen.findByText(/Nothing is known/)).toBeInTheDocument();
  });

  it('are said to be unknown, not none, where Prometheus does not answer', async () => {
    answering({ '/api/ds/query': { status: 502, data: { message: 'bad gateway' } } });
    renderInApp(<BackupsCard view={view} />);
    expect(await screen.findByText('Prometheus does not say')).toBeInTheDocument();
    expect(screen.queryByText(/Nothing is known/)).not.toBeInTheDocument();
  });
});

describe('drills', () => {
  const frame = (labels: Readonly<Record<string, string>>, value: number) => ({
    schema: {
      fields: [
        { name: 'Time', type: 'time' },
        { name: 'Value', type: 'number', labels: { cluster: 'grandmodel', ...labels } },
      ],
    },
    data: { values: [[3_600_000], [value]] },
  });
  const told = (frames: Readonly<Record<string, readonly object[]>>) => ({
    '/api/ds/query': {
      results: Object.fromEntries(Object.entries(frames).map(([name, all]) => [name, { status: 200, frames: all }])),
    },
  });
  const rows = async () =>
    within(await screen.findByRole('table'))
      .getAllByRole('row')
      .slice(1)
      .map((row) =>
        within(row)
          .getAllByRole('cell')
          .map(({ textContent }) => textContent),
      );

  it('say what clients saw, the latest first, and that none noticed where none did', async () => {
    const [loss, patroni] = [{ kind: 'node-loss' }, { kind: 'patroni-kill' }];
    answering(
      told({
        ended: [frame(loss, 1000), frame(patroni, 2000)],
        passed: [frame(loss, 0), frame(patroni, 1)],
        took: [frame(loss, 5.13)],
        lost: [frame(loss, 2), frame(patroni, 0)],
      }),
    );
    renderInApp(<DrillsCard view={view} />);
    expect((await rows()).map(([fault, , ...rest]) => [fault, ...rest])).toEqual([
      ['grandmodel patroni-kill', 'yes', 'none needed', '0'],
      ['grandmodel node-loss', 'no', '5.1 s', '2'],
    ]);
  });

  it('that never were are asked for', async () => {
    answering(told({}));
    renderInApp(<DrillsCard view={view} />);
    expect(await screen.findByText(/No failover was rehearsed yet/)).toBeInTheDocument();
  });

  it('are said to be unknown where Prometheus does not answer', async () => {
    answering({ '/api/ds/query': { status: 502, data: { message: 'bad gateway' } } });
    renderInApp(<DrillsCard view={view} />);
    expect(await screen.findByText('Prometheus does not say')).toBeInTheDocument();
    expect(screen.queryByText(/No failover/)).not.toBeInTheDocument();
  });
});
