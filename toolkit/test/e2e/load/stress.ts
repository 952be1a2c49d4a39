import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { stressReport } from '../../../src/stress/schema';
import { jsonIn, running } from '../running';
import { submilli, until } from '../stack';
import { easy, FETCHES, impossible, leftOf, nothing } from './left';

export const describeStress = (state: string): void => {
  const file = (name: string): string => join(state, '..', name);

  it('raises the load step by step, and says where the knee is, what broke and how soon it recovered', async () => {
    const outcome = submilli(
      ...['stress', '--state', state, '--via', 'pool', '--profile', 'read', '--first', '1', '--most', '4'],
      ...['--step-duration', '2', '--warmup', '1', '--recovery', '6', '--html', file('stress.html'), '--json', ...easy],
    );
    const report = stressReport.parse(jsonIn(outcome));
    expect(report.steps.map(({ clients }) => clients)).toEqual([1, 2, 4].slice(0, report.steps.length));
    expect(report.steps.every(({ path }) => path.throughput > 0)).toBe(true);
    expect(report.ended).not.toBe('');
    expect(report.recovery).toMatchObject({ clients: 1, withinSeconds: 6 });
    expect(outcome.status).toBe(report.verdict.kept ? 0 : 1);
    const page = readFileSync(file('stress.html'), 'utf8');
    expect(page).toContain('There was no further step');
    expect(page).not.toMatch(FETCHES);
    expect(await leftOf(state)).toEqual(nothing);
  });

  it('that does not hold what it was to hold is exit 1', () => {
    const { status, output } = submilli(
      ...['stress', '--state', state, '--via', 'direct', '--profile', 'trading', '--most', '1', '--hold', '1'],
      ...['--step-duration', '2', '--warmup', '0', '--recovery', '5', '--html', file('hold.html'), ...impossible],
    );
    expect(status).toBe(1);
    expect(output).toContain('it broke with 1 clients, and was to hold 1');
  });

  it('that is stopped by Ctrl-C is exit 130, and leaves nothing behind', async () => {
    const args = ['--via', 'pool', '--profile', 'write', '--first', '2', '--step-duration', '60'];
    const long = running('stress', '--state', state, ...args);
    const busy = await until(
      60,
      () => leftOf(state),
      ({ clients, tables }) => clients > 0 && tables,
    );
    expect(busy).toMatchObject({ tables: true });
    long.kill('SIGINT');
    const { status, output } = await long.ended;
    expect(status).toBe(130);
    expect(output).toContain('interrupted; nothing is left of it');
    expect(await leftOf(state)).toEqual(nothing);
  });
};
