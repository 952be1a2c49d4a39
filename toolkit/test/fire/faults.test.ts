import { type Exporter, faults } from '../../src/fire/cell';
import { cells, type Deed, deeds } from '../../src/fire/matrix';
import { until } from '../e2e/stack';
import { begin, type Mend } from './acts';
import { wrongInCommand } from './command';
import { absurdIn, exportersNow, untilSaid, wentBack, wrongInAny } from './goes-on';
import {
  leakedTo,
  openTo,
  stillTrue,
  wellnessOf,
  type Wellness,
  wrongAfter,
  wrongInExporter,
  wrongInPrometheus,
} from './seen';
import { stages } from './stages';
import { startWorld, type World } from './world';

jest.setTimeout(120_000);

let world: World;

beforeAll(async () => {
  world = await startWorld();
}, 240_000);
afterAll(() => world.close(), 60_000);

/** Far longer than it takes. */
const SECONDS = 60;

/** Until nothing is wrong; what still is, when the time is over. */
const untilRight = (look: () => Promise<readonly string[]>): Promise<readonly string[]> =>
  until(SECONDS, look, (wrong) => wrong.length === 0);

const titleOf = ({ component, expected }: Deed): string =>
  `${component}${expected.how === '' ? '' : ` (${expected.how})`}`;

describe.each(stages(deeds))('$title', ({ fault, tls, all }) => {
  const mends: Mend[] = [];
  const before = new Map<Exporter, Wellness>();
  const connections = new Map<Deed['component'], number>();
  let since = 0;

  it('begins when all is well', async () => {
    for (const [exporter, wellness] of await lookAll()) before.set(exporter, wellness);
    for (const { component } of all) connections.set(component, openTo(world, component));
    since = world.exporters.said().length;
    for (const { component } of all) {
      mends.unshift(await begin(world, { component, fault, ...(tls === undefined ? {} : { tls }) }));
    }
  });

  it.each(all.map((deed) => [titleOf(deed), deed] as const))('%s: is told as the table says', async (_, deed) => {
    const look = () => {
      if (deed.kind === 'exporter tells') return wrongInExporter(world, deed.expected, since);
      if (deed.kind === 'prometheus tells') return wrongInPrometheus(world, deed.expected);
      return wrongInCommand(world, deed.expected);
    };
    expect(await untilRight(look)).toEqual([]);
  });

  it('is mended', async () => {
    for (const mend of mends) await mend();
  });

  it.each(all.map((deed) => [titleOf(deed), deed] as const))('%s: all is as before', async (_, deed) => {
    const exporter = deed.kind === 'exporter tells' ? deed.expected.exporter : 'pool';
    const open = connections.get(deed.component) ?? 0;
    const known = before.get(exporter);
    if (known === undefined) throw new Error(`nobody looked at ${exporter}`);
    const look = async () => [
      ...(await wrongAfter(world, exporter, known)),
      ...leakedTo(world, deed.component, open),
      ...(await stillTrue(world, deed)),
    ];
    expect(await untilRight(look)).toEqual([]);
  });
});

const lookAll = async (): Promise<Map<'database' | 'pool' | 'ha', Wellness>> => {
  const all = new Map<'database' | 'pool' | 'ha', Wellness>();
  for (const exporter of ['database', 'pool', 'ha'] as const) {
    const isWell = () => wrongAfter(world, exporter, { families: new Set(), failing: [] });
    expect(await untilRight(isWell)).toEqual([]);
    all.set(exporter, await wellnessOf(world, exporter));
  }
  return all;
};

const logOf = (fault: 'disk'): string => {
  const cell = cells.find((one) => one.component === 'exporter' && one.fault === fault)?.cell;
  if (cell?.kind !== 'goes on' || cell.log === null) throw new Error(`the table has no line of the log for ${fault}`);
  return cell.log;
};

describe('an exporter goes on', () => {
  it(`when the ${faults.disk.replace('full ', '')} of its state is full: it says so, and misses nothing else`, async () => {
    const before = await lookAll();
    const since = world.exporters.said().length;
    world.disk.fill();
    try {
      await world.exporters.acknowledge();
      expect(await untilSaid(world, since, logOf('disk'))).toMatch(new RegExp(logOf('disk')));
      expect(await untilRight(() => wrongInAny(world, before))).toEqual([]);
    } finally {
      world.disk.free();
    }
    expect(await untilRight(() => wrongInAny(world, before))).toEqual([]);
  });

  it.each([
    ['forward', 3600],
    ['back', -3600],
  ])('when its clock is set an hour %s: nothing is absurd, and no counter goes back', async (_, seconds) => {
    const before = await lookAll();
    const counted = await exportersNow(world);
    world.exporters.clock.set(seconds);
    try {
      // The clock is read anew once in a second.
      await new Promise((resolve) => setTimeout(resolve, 3000));
      expect(await untilRight(() => wrongInAny(world, before))).toEqual([]);
      const now = await exportersNow(world);
      expect(now.flatMap(absurdIn)).toEqual([]);
      expect(now.flatMap((one, index) => wentBack(counted[index] ?? [], one))).toEqual([]);
    } finally {
      world.exporters.clock.set(0);
    }
    expect(await untilRight(() => wrongInAny(world, before))).toEqual([]);
  });
});
