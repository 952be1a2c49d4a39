import type { BlockingAnswer, PostgresFacts, Resource, XminHorizonAnswer } from '@submilli/core';
import { blocking } from '../collectors/blocking';
import { xminHorizon } from '../collectors/xmin-horizon';

export const blockingResource: Resource<PostgresFacts> = {
  path: 'blocking',
  answer: ({ snapshots }): BlockingAnswer => {
    const found = snapshots.of(blocking);
    return found === undefined
      ? { asOf: null, waiting: 0, leftOut: 0, trees: [] }
      : {
          asOf: new Date(found.at).toISOString(),
          waiting: found.waiting,
          leftOut: found.waiting - found.examined,
          trees: [...found.trees],
        };
  },
};

export const xminHorizonResource: Resource<PostgresFacts> = {
  path: 'xmin-horizon',
  answer: ({ snapshots }): XminHorizonAnswer => {
    const found = snapshots.of(xminHorizon);
    return found === undefined
      ? { asOf: null, holders: [] }
      : {
          asOf: new Date(found.at).toISOString(),
          holders: found.holders.map(({ holder, name, pid, age, seconds }) => ({ holder, name, pid, age, seconds })),
        };
  },
};
