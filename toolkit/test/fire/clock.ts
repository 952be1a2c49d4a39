import { writeFileSync } from 'node:fs';

/** Debian's place for it, on whatever machine. */
export const FAKETIME = '/usr/$LIB/faketime/libfaketime.so.1';

/**
 * The wall clock of a process that reads its time from a file, and of those that it starts. What runs on, the monotonic
 * clock, does so when a clock is set, too.
 */
export const clockIn = (file: string) => {
  const set = (seconds: number): void => writeFileSync(file, `${seconds >= 0 ? '+' : ''}${seconds}\n`);
  set(0);
  return {
    env: {
      LD_PRELOAD: FAKETIME,
      FAKETIME_TIMESTAMP_FILE: file,
      FAKETIME_CACHE_DURATION: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
      DONT_FAKE_MONOTONIC: '1',
    },
    /** So many seconds off the true time. */
    set,
  };
};
