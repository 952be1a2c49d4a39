/** An open loop: beat number i is due at `start + i * every`, whatever became of the ones before. */
export type Schedule = { readonly start: number; readonly every: number };

export const dueAt = ({ start, every }: Schedule, beat: number): number => start + beat * every;

/** The beats that are due by `now` and have not been handed out: all of them, also after a pause of our own. */
export const dueBeats = (schedule: Schedule, next: number, now: number): { from: number; to: number } => {
  const to = Math.max(next, Math.floor((now - schedule.start) / schedule.every) + 1);
  return { from: next, to };
};
