import { spawn } from 'node:child_process';
import { forPeople } from '@submilli/core';
import { resumePool } from '../drill/pool';
import { submilliBin } from '../stack/layout';
import type { Access } from './cluster';

/**
 * A process that outlives this one, whatever ends it, SIGKILL included: when its standard input is closed by our end, it
 * lets the clients go on that wait in the pools for a switchover. What it returns sends it home where all was done: a
 * moment later somebody else may make clients wait there.
 */
export const startGuard = (placeArgs: readonly string[]): (() => void) => {
  const guard = spawn(process.execPath, [submilliBin, 'deploy', 'guard', ...placeArgs], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true, // Ctrl-C is for us
  });
  guard.on('error', (error) => console.error(`nobody watches over this deploy: ${forPeople(error)}`));
  guard.unref();
  (guard.stdin as unknown as { unref?: () => void }).unref?.();
  return () => void guard.kill('SIGKILL');
};

/** What the guard does. */
export const guard = async ({ pools }: Pick<Access, 'pools'>, input: NodeJS.ReadStream): Promise<void> => {
  await new Promise<void>((done) => {
    input
      .on('end', done)
      .on('close', done)
      .on('error', () => done());
    input.resume();
  });
  await Promise.all(pools.map((pool) => resumePool(pool).catch(() => undefined))); // none waits where it does not run
};
