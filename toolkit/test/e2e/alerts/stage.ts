import { messageOf } from '@submilli/core';
import { type Fault, lookAround, type Mend, type Raised, type Scene } from './fault';
import type { Lab } from './lab';
import { asWanted, howInhibited, howTold, isToldOver, untilQuiet, type Wanted } from './seen';

/** Far longer than all that an act raises takes to be told, or to be told to be over. */
const PATIENCE_SECONDS = 240;
/** For what is there already. */
const LAST_LOOK_SECONDS = 5;
/** For what the act before has left to be over. */
const QUIET_SECONDS = 150;

/** What waits in turn for what comes by itself waits together: what did not come to the first will not come to the next. */
const patience = (): (() => number) => {
  let end: number | undefined;
  return () => {
    end ??= Date.now() + PATIENCE_SECONDS * 1000;
    return Math.max((end - Date.now()) / 1000, LAST_LOOK_SECONDS);
  };
};

/** Acts of one stack. Where it is not whole when one begins, that one fails, and all that follow fail with it at once. */
export const stages = (lab: () => Lab) => {
  let broken: Error | undefined;
  return (faults: readonly Fault[]) =>
    stage(lab, faults, async () => {
      if (broken !== undefined) throw broken;
      try {
        const scene = await lookAround(lab());
        const wanted = faults.flatMap(({ raises }) =>
          raises.map((one) => ({ ...wantedOf(one, scene), isSpared: one.inhibitedBy !== undefined })),
        );
        await untilQuiet(wanted, QUIET_SECONDS);
        return scene;
      } catch (error) {
        throw (broken = new Error(`the stack is not whole: ${messageOf(error)}`));
      }
    });
};

const wantedOf = ({ name, severity, labels }: Raised, scene: Scene): Wanted => ({
  ...{ name, severity, labels: labels(scene) },
});

/** An act as tests, in the order in which it is written: each waits for what it is about, and no longer. */
const stage = (lab: () => Lab, faults: readonly Fault[], untilWhole: () => Promise<Scene>) => {
  const mends: Mend[] = [];
  let scene: Scene | undefined;
  let since = 0;
  let mended = 0;
  const [untilTold, untilOver] = [patience(), patience()];

  const look = async (): Promise<Scene> => {
    if (scene !== undefined) return scene;
    const seen = await untilWhole();
    since = Date.now();
    return (scene = seen);
  };
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
          const wanted = wantedOf(one, await look());
          expect(await howTold(lab().ears, wanted, since, untilTold())).toEqual(asWanted(wanted));
        },
      );
      if (spared.length === 0) return;
      it.each(spared.map((one) => [one.severity, one.name, one.inhibitedBy, one] as const))(
        '%s %s fires, and people are spared it by %s',
        async (_, __, ___, one) => {
          const seen = await howInhibited(lab().ears, wantedOf(one, await look()), since, untilTold());
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
          expect(await isToldOver(lab().ears, wantedOf(one, await look()), { since, mended }, untilOver())).toBe(true);
        },
      );
    },
  };
};
