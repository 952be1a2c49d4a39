import type { PostgresFacts, Resource, SlowAnswer } from '@submilli/core';
import { slow } from '../derived/slow';
import { log } from '../samplers/log';

/** The last slow statements, with what they waited for and where the log has all of them. */
export const slowResource: Resource<PostgresFacts> = {
  path: 'slow',
  answer: ({ snapshots }): SlowAnswer => ({
    thresholdSeconds: snapshots.of(log)?.slowSeconds ?? 0,
    statements: [...(snapshots.of(slow) ?? [])]
      .reverse()
      .map(({ endedAt, type, file, offset, database, pid, queryid, phase, seconds, seen, waits, blockedBy }) => ({
        ...{ endedAt: new Date(endedAt).toISOString(), database, pid, queryid, queryType: type, phase, seconds },
        ...{ seen, waits: [...waits], blockedBy: [...blockedBy], logFile: file, logOffset: offset },
      })),
  }),
};
