/** The score as published: at once down, but up only at a bounded rate. */
export type Published = { readonly value: number | null; readonly at: number };

/** Points per minute. A database that flaps between well and ill stays low; one that recovers is up in minutes. */
export const RECOVERY_PER_MINUTE = 30;

/** @param at milliseconds of a monotonic clock */
export const publishedScore = (now: number | null, before: Published | undefined, at: number): number | null => {
  if (now === null || before === undefined || before.value === null) return now;
  const minutes = Math.max(0, at - before.at) / 60_000;
  return Math.min(now, before.value + RECOVERY_PER_MINUTE * minutes);
};

/** The best grade first, each with the least score it is given for. */
export const grades = { good: 90, fair: 70, poor: 40, critical: 0 } as const;
export type Grade = keyof typeof grades | 'unknown';

/** Below this the score is of too little to be graded. */
export const LEAST_COVERAGE = 0.5;
/** How far a score must be into a better grade before it is given. */
export const GRADE_MARGIN = 3;

export const gradeOf = (value: number | null, coverage: number, before: Grade | undefined): Grade => {
  if (value === null || coverage < LEAST_COVERAGE) return 'unknown';
  const plain = lookUp(value);
  if (before === undefined || before === 'unknown' || grades[plain] <= grades[before]) return plain;
  const withMargin = lookUp(value - GRADE_MARGIN);
  return grades[withMargin] > grades[before] ? withMargin : before;
};

const lookUp = (value: number): keyof typeof grades => {
  const found = Object.entries(grades).find(([, least]) => value >= least);
  return (found?.[0] ?? 'critical') as keyof typeof grades;
};
