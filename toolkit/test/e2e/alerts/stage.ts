import { type Fault, lookAround, type Mend, type Raised, type Scene } from './fault';
import type { Lab } from './lab';
import { asWanted, howInhibited, howTold, isToldOver, untilQuiet, type Wanted } from './seen';

/** An act as tests, in the order in which it is written: each waits for what it is about, and no longer. */
export const stage = (lab: () => Lab, faults: readonly Fault[]) => {
  const mends: Mend[] = [];
  let scene: Scene | undefined;
  let since = 0;
  let mended = 0;

  const look = async (): Promise<Scene> => {
    if (scene !== undefined) return scene;
    const seen = await lookAround(lab());
    await untilQuiet(raised.map(({ name }) => name));
    since = Date.now();
    return (scene = seen);
  };
  const wantedOf = async ({ name, severity, labels }: Raised): Promise<Wanted> => ({
    ...{ name, severity, labels: labels(await look()) },
  });
  const raised = faults.flatMap(({ what, raises }) => raises.map((one) => ({ ...one, what })));
  const told = raised.filter(({ inhibitedBy }) => inhibitedBy === undefined);
  const spared = raised.filter(({ inhibitedBy }) => inhibitedBy !== undefined);

  return {
    begins: () => {
      it.each(faults.map((fault) => [fault.what, fault] as const))('%s', async (_, { begin }) => {
        mends.unshift(await begin(await look()));
      });
    },
    isTold: () => {
      it.each(told.map((one) => [one.severity, one.name, one] as const))(
        '%s %s is pending, fires, and is told',
        async (_, __, one) => {
          const wanted = await wantedOf(one);
          expect(await howTold(lab().ears, wanted, since)).toEqual(asWanted(wanted));
        },
      );
      if (spared.length === 0) return;
      it.each(spared.map((one) => [one.severity, one.name, one.inhibitedBy, one] as const))(
        '%s %s fires, and people are spared it by %s',
        async (_, __, ___, one) => {
          const seen = await howInhibited(lab().ears, await wantedOf(one), since);
          expect(seen).toEqual({ firing: true, states: ['suppressed'], told: [] });
        },
      );
    },
    isMended: () => {
      it('is mended', async () => {
        mended = Date.now();
        const errors: unknown[] = [];
        // What can't be mended keeps nothing else broken.
        for (const mend of mends.splice(0)) await mend().catch((error: unknown) => errors.push(error));
        expect(errors).toEqual([]);
      });
    },
    isOver: () => {
      it.each(told.map((one) => [one.severity, one.name, one] as const))(
        '%s %s is told to be over',
        async (_, __, one) => {
          expect(await isToldOver(lab().ears, await wantedOf(one), since, mended)).toBe(true);
        },
      );
    },
  };
};
