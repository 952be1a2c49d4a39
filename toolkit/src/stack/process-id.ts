import { z } from 'zod';

/** A process as the state file names it: `ProcessId` in procs.ts. */
export const processId = z.object({ pid: z.number().int().positive(), startTime: z.string() });
