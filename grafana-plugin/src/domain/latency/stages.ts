/** Where the time of a statement can go: each a measure of its own, from a source of its own; they are never added up. */
export const stages = [
  'statements',
  'commit',
  'pool-wait',
  'pool-acquire',
  'canary-direct-read',
  'canary-pool-read',
  'canary-direct-write',
  'canary-pool-write',
] as const;

export type Stage = (typeof stages)[number];

/** Where it is measured. */
export type Place = 'server' | 'pool' | 'client';

export const placeOf = (stage: Stage): Place => {
  if (stage === 'statements' || stage === 'commit') return 'server';
  return stage.startsWith('pool') ? 'pool' : 'client';
};

/** How it comes to be known: by the log, by looks at the queue, or by tries of our own. */
export type How = 'log' | 'sampled' | 'probe' | 'canary';

export const howOf = (stage: Stage): How => {
  if (placeOf(stage) === 'server') return 'log';
  if (stage === 'pool-wait') return 'sampled';
  return stage === 'pool-acquire' ? 'probe' : 'canary';
};
