/** How much may be asked of a server, and how much has been. */
export type Budget = {
  readonly spend: () => void;
  readonly spent: () => number;
  readonly isOver: () => boolean;
};

/** So many plans, and until so many seconds of the clock (a monotonic one, in milliseconds). */
export const budgetOf = (plans: number, seconds: number, now: () => number): Budget => {
  const end = now() + seconds * 1000;
  let spent = 0;
  return { spend: () => void (spent += 1), spent: () => spent, isOver: () => spent >= plans || now() >= end };
};
