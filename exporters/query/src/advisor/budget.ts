/** How much may be asked of a server, and how much has been. */
export type Budget = {
  readonly spend: () => void;
  readonly spent: () => number;
  readonly isOver: () => boolean;
  /** Whether this share of it is spent, 0 to 1: what comes later needs some, too. */
  readonly isPast: (share: number) => boolean;
};

/** So many plans, and until so many seconds of the clock (a monotonic one, in milliseconds). */
export const budgetOf = (plans: number, seconds: number, now: () => number): Budget => {
  const began = now();
  let spent = 0;
  const isPast = (share: number): boolean => spent >= share * plans || now() >= began + share * seconds * 1000;
  return { spend: () => void (spent += 1), spent: () => spent, isOver: () => isPast(1), isPast };
};
