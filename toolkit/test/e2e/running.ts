import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import type { Outcome } from './stack';

const bin = join(__dirname, '..', '..', 'bin', 'submilli.js');

/** What `--json` printed: all of standard output, which an outcome has before standard error. */
export const jsonIn = ({ output }: Outcome): unknown =>
  JSON.parse(output.slice(output.indexOf('{\n'), output.lastIndexOf('\n}\n') + 2));

const children = new Set<ChildProcess>();
/** For `afterAll`: a test that failed may have left one. */
export const endRunning = (): void => {
  for (const child of children) child.kill('SIGTERM');
};

/** The command while it runs, for tests that look at it or stop it in the middle. */
export const running = (...args: string[]) => {
  const child = spawn(process.execPath, [bin, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  children.add(child);
  let output = '';
  const heard = (text: string): void => void (output += text);
  child.stdout.setEncoding('utf8').on('data', heard);
  child.stderr.setEncoding('utf8').on('data', heard);
  const ended = new Promise<Outcome>((resolve) => {
    child.on('close', (status) => {
      children.delete(child);
      resolve({ status, output });
    });
  });
  return { output: () => output, ended, kill: (signal: NodeJS.Signals) => child.kill(signal) };
};
