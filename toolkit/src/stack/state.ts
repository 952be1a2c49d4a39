import { readFileSync, rmSync } from 'node:fs';
import { SubmilliError } from '@submilli/core';
import { z } from 'zod';
import { networkRecord } from '../hosts/record';
import { writeFile } from './files';
import type { Layout } from './layout';
import { processId } from './process-id';
import { isAlive } from './procs';

const serviceRecord = z.object({
  name: z.string(),
  title: z.string(),
  /** The host it runs on, one of `network.hosts`; null: where the supervisor is. */
  host: z.string().nullable().default(null),
  /** `ended`: by itself. `stopped`: because somebody said so. */
  state: z.enum(['waiting', 'starting', 'running', 'ended', 'stopping', 'stopped']),
  process: processId.nullable(),
  /** Why it ended, in one sentence. */
  reason: z.string().nullable(),
  endpoints: z.array(z.object({ what: z.string(), url: z.string(), port: z.number() })),
  log: z.string(),
  stopSignal: z.string(),
  stopSeconds: z.number(),
  /** As seen from outside its host. */
  dataDir: z.string().nullable(),
  restarts: z.number(),
});

const stackState = z.object({
  version: z.literal(1),
  kind: z.enum(['debian', 'embedded']),
  phase: z.enum(['starting', 'up', 'stopping', 'down']),
  since: z.string(),
  supervisor: processId,
  socket: z.string(),
  /** The hosts of `stack up --hosts`. */
  network: networkRecord.nullable().default(null),
  /** In starting order. */
  services: z.array(serviceRecord),
  next: z.array(z.string()),
  notes: z.array(z.string()),
});

export type ServiceRecord = z.output<typeof serviceRecord>;
export type StackState = z.output<typeof stackState>;

/** What the state directory says; undefined when no stack was started there. Throws a `SubmilliError` on a damaged file. */
export const readState = (layout: Layout): StackState | undefined => {
  let text: string;
  try {
    text = readFileSync(layout.stateFile, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  try {
    return stackState.parse(JSON.parse(text));
  } catch (cause) {
    const hint = 'Stop the processes it names by hand, then remove it.';
    throw new SubmilliError({ what: 'not a state file of this version', where: layout.stateFile, hint, cause });
  }
};

export const writeState = (layout: Layout, state: StackState): void =>
  writeFile(layout.stateFile, `${JSON.stringify(state, null, 2)}\n`, undefined, 0o644);

export const removeState = (layout: Layout): void => rmSync(layout.stateFile, { force: true });

export const supervisorAlive = (state: StackState): boolean => isAlive(state.supervisor);
