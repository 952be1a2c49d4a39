import type { Exporter } from '../../src/fire/cell';
import { type Deed, deeds } from '../../src/fire/matrix';
import { until } from '../e2e/stack';
import { begin, type Mend } from './acts';
import { wrongInCommand } from './command';
import { wrongAfter, wrongInExporter, wrongInPrometheus, wellnessOf, type Wellness } from './seen';
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
  let since = 0;

  it('begins when all is well', async () => {
    for (const exporter of ['database', 'pool', 'ha'] as const) {
      before.set(exporter, await wellnessOf(world, exporter));
      expect(await untilRight(() => wrongAfter(world, exporter, { families: new Set(), failing: [] }))).toEqual([]);
    }
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
    const known = before.get(exporter);
    if (known === undefined) throw new Error(`nobody looked at ${exporter}`);
    expect(await untilRight(() => wrongAfter(world, exporter, known))).toEqual([]);
  });
});
