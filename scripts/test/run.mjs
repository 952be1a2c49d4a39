// How a part of the tests is run: shown at once, or beside others and shown when it has ended.
import { spawn, spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Twice what the longest part takes: what hangs is told as a failure, with all that the others came to. */
const LIMIT_MINUTES = 35;
const LIMIT = { timeout: LIMIT_MINUTES * 60_000, killSignal: 'SIGKILL' };

/** How a command ended: '' when it was well, and otherwise in words. */
const endOf = (child) =>
  new Promise((resolve) => {
    child
      .on('error', ({ message }) => resolve(message))
      .on('close', (code, signal) => {
        if (signal !== null) resolve(`ended by ${signal}; a part may take ${LIMIT_MINUTES} minutes`);
        else resolve(code === 0 ? '' : `ended with ${code}`);
      });
  });

/** In a network of its own, which has the usual ports of a stack free whatever else runs. */
const APART = ['unshare', '--net', 'sh', '-c', 'ip link set lo up && exec "$@"', 'sh'];

export const canBeApart = () => spawnSync(APART[0], [...APART.slice(1), 'true'], { stdio: 'ignore' }).status === 0;

const LAST_LINES = 40;

/** Each answers '' when the command was well, and otherwise how it ended, and what it said last where that is known. */
export const runners = (results) => {
  const whole = async (title, [command, ...args], cwd) => {
    const path = join(mkdtempSync(join(results, 'output-')), 'output.txt');
    const file = openSync(path, 'w');
    const end = await endOf(spawn(command, args, { cwd, stdio: ['ignore', file, file], ...LIMIT }));
    closeSync(file);
    const said = readFileSync(path, 'utf8');
    console.log(`\n── ${title}\n${said}`);
    return end && [end, ...said.trimEnd().split('\n').slice(-LAST_LINES)].join('\n    ');
  };
  return {
    /** With its output as it comes. */
    shown: async (title, [command, ...args], cwd) => {
      console.log(`\n── ${title}`);
      return endOf(spawn(command, args, { cwd, stdio: 'inherit', ...LIMIT }));
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
