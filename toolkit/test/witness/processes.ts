import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { WitnessStatus } from '../../src/witness/diary';

const bin = join(__dirname, '..', '..', 'bin', 'submilli.js');

export type WitnessProcess = {
  readonly name: string;
  readonly pid: () => number;
  readonly status: () => Promise<WitnessStatus>;
  /** What `/-/ready` answers: whether it would act if the leader died now, or why not. */
  readonly ready: () => Promise<string>;
  readonly start: () => void;
  readonly kill: () => Promise<void>;
  readonly log: () => string;
};

/** `submilli witness` as its user would start it, three times. */
export const witnessProcesses = (folder: string, settings: object): WitnessProcess[] =>
  ['w1', 'w2', 'w3'].map((name, i, names) => {
    const port = 9595 + i;
    const [config, log] = [join(folder, `${name}.yml`), join(folder, `${name}.log`)];
    const witness = { ...settings, name, witnesses: names, listen: `127.0.0.1:${port}` };
    writeFileSync(config, JSON.stringify({ witness }));
    let child: ChildProcess | undefined;
    const get = async (path: string): Promise<string> =>
      (await fetch(`http://127.0.0.1:${port}${path}`, { signal: AbortSignal.timeout(3000) })).text();
    return {
      name,
      pid: () => child?.pid ?? 0,
      status: async () => JSON.parse(await get('/api/v1/status')) as WitnessStatus,
      ready: async () => (await get('/-/ready')).trim(),
      start: () => {
        const out = openSync(log, 'a');
        child = spawn(process.execPath, [bin, 'witness', '--config', config], { stdio: ['ignore', out, out] });
        closeSync(out);
      },
      kill: async () => {
        const running = child;
        child = undefined;
        if (running?.exitCode !== null || running.signalCode !== null) return;
        const ended = new Promise((resolve) => running.once('exit', resolve));
        running.kill('SIGKILL');
        await ended;
      },
      log: () => readFileSync(log, 'utf8'),
    };
  });
