import { copyFileSync, readdirSync, statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';

const LIMIT_BYTES = 32 * 1024 * 1024;
const EVERY_MS = 60_000;

/**
 * Keeps what services print bounded: a log over the limit is copied to NAME.log.1 and cut. The services hold it open for
 * appending, so they go on at its new end. Returns how to stop.
 */
export const boundLogs = (folder: string): (() => void) => {
  const timer = setInterval(() => cutLogs(folder, LIMIT_BYTES), EVERY_MS);
  timer.unref();
  return () => clearInterval(timer);
};

/** One round. A full disk or a vanished file is no reason to fall over: the next round tries again. */
export const cutLogs = (folder: string, limit: number): void => {
  for (const name of readdirSync(folder).filter((n) => n.endsWith('.log'))) {
    const path = join(folder, name);
    try {
      if (statSync(path).size <= limit) continue;
      copyFileSync(path, `${path}.1`);
      truncateSync(path);
    } catch {
      continue;
    }
  }
};
