import { createTwoFilesPatch } from 'diff';

const CONTEXT = 2;

/** A unified diff, as `diff -u` prints it. */
export const unifiedDiff = (from: string, to: string, before: string, after: string): string =>
  createTwoFilesPatch(from, to, before, after, undefined, undefined, { context: CONTEXT }).replace(
    /^(Index: .*\n)?=+\n/,
    '',
  );
