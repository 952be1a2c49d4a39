import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

export const room = join(__dirname, '..', '..');

/** Runs a program of Prometheus or Alertmanager in the room of the rules. */
export const run = (program: 'promtool' | 'amtool', ...args: readonly string[]) => {
  const { error, status, stdout, stderr } = spawnSync(program, args, { cwd: room, encoding: 'utf8' });
  if (error !== undefined) {
    throw new Error(`cannot run ${program} (${error.message}): npx submilli packages --for test`, { cause: error });
  }
  return { status, output: `${stdout}${stderr}` };
};
