/**
 * All that the bench measures, one part after the other: `npm run bench`. Results are kept in bench/results, and
 * docs/benchmarks.md is made of them.
 */
import { spawn } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { askedOf, help, type Asked, type PartName } from './options';
import { durationText } from './page/page';
import { readResult } from './page/results';
import { places, writePage } from './page/write';
import { say } from './part';

/** Why it failed, if it did. */
const run = (part: string, given: readonly string[]): Promise<string | undefined> =>
  new Promise((resolve) => {
    const child = spawn(process.execPath, [join(__dirname, part, 'main.js'), ...given], {
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    child.on('error', (error) => {
      resolve(error.message);
    });
    child.on('close', (code, signal) => {
      resolve(code === 0 ? undefined : signal === null ? `it ended with status ${code}` : `it was ended by ${signal}`);
    });
  });

type Folders = { readonly scratch: string; readonly results: string };

/** A result replaces the last one only when it is whole. */
const measure = async (part: PartName, asked: Asked, { scratch, results }: Folders): Promise<string | undefined> => {
  const fresh = join(scratch, `${part}.json`);
  try {
    const own = [...(asked.quick ? ['--quick'] : []), ...(asked.given[part] ?? [])];
    const failure = await run(part, ['--json', fresh, ...own]);
    if (failure !== undefined) return failure;
    readResult(fresh);
    copyFileSync(fresh, join(results, `${part}.json`));
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
};

const main = async (): Promise<void> => {
  const asked = askedOf(process.argv.slice(2));
  if ('problem' in asked) {
    say(`${asked.problem}\n\n${help}`);
    process.exitCode = 2;
    return;
  }
  if (asked.help) {
    process.stdout.write(help);
    return;
  }
  const scratch = mkdtempSync(join(tmpdir(), 'submilli-bench-'));
  // Remarks are about what is published.
  const into = asked.quick
    ? { docs: scratch, results: join(scratch, 'results'), remarks: join(scratch, 'remarks') }
    : places;
  mkdirSync(into.results, { recursive: true });
  const failures: string[] = [];
  for (const part of asked.parts) {
    const began = Date.now();
    say(`\n── ${part}`);
    const failure = await measure(part, asked, { scratch, results: into.results });
    say(`── ${part}: ${failure === undefined ? 'done' : 'failed'} after ${durationText((Date.now() - began) / 1000)}`);
    if (failure !== undefined) failures.push(`${part} failed: ${failure}`);
  }
  say(`\n${writePage(into)}`);
  if (!asked.quick) rmSync(scratch, { recursive: true });
  for (const failure of failures) say(failure);
  if (failures.length > 0) process.exitCode = 1;
};

void main();
