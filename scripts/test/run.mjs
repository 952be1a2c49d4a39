// How a part of the tests is run: shown at once, or beside others and shown when it has ended.
import { spawn, spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const exitOf = (child) =>
  new Promise((resolve) => {
    child.on('error', () => resolve(1)).on('close', (code) => resolve(code ?? 1));
  });

/** In a network of its own, which has the usual ports of a stack free whatever else runs. */
const APART = ['unshare', '--net', 'sh', '-c', 'ip link set lo up && exec "$@"', 'sh'];

export const canBeApart = () => spawnSync(APART[0], [...APART.slice(1), 'true'], { stdio: 'ignore' }).status === 0;

/** Each answers whether the command ended with 0. */
export const runners = (results) => {
  const whole = async (title, [command, ...args], cwd) => {
    const path = join(mkdtempSync(join(results, 'output-')), 'output.txt');
    const file = openSync(path, 'w');
    const code = await exitOf(spawn(command, args, { cwd, stdio: ['ignore', file, file] }));
    closeSync(file);
    console.log(`\n── ${title}\n${readFileSync(path, 'utf8')}`);
    return code === 0;
  };
  return {
    /** With its output as it comes. */
    shown: async (title, [command, ...args], cwd) => {
      console.log(`\n── ${title}`);
      return (await exitOf(spawn(command, args, { cwd, stdio: 'inherit' }))) === 0;
    },
    /** Beside others, which it gives way to. */
    yielding: (title, command, cwd) => whole(title, ['nice', '-n', '19', ...command], cwd),
    /** Beside others that use the same ports. */
    apart: (title, command, cwd) => whole(title, [...APART, ...command], cwd),
  };
};

/** So many at once as there are lanes, in their order. */
export const inLanes = async (lanes, jobs) => {
  const waiting = [...jobs];
  const lane = async () => {
    for (let job = waiting.shift(); job !== undefined; job = waiting.shift()) await job();
  };
  await Promise.all(Array.from({ length: lanes }, lane));
};
