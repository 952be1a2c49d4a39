import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';

export const checkout = join(__dirname, '..', '..', '..');

export const readRepo = (path: string): string => readFileSync(join(checkout, path), 'utf8');

export type Ran = { readonly status: number | null; readonly output: string };

/** Runs a program in the checkout; its standard output and error together. Throws when there is no such program. */
export const run = (
  program: string,
  args: readonly string[],
  { input, env = {} }: { input?: string; env?: NodeJS.ProcessEnv } = {},
): Ran => {
  const { error, status, stdout, stderr } = spawnSync(program, args, {
    cwd: checkout,
    encoding: 'utf8',
    env: { ...process.env, SUBMILLI_SECRETS: undefined, ...env },
    input: input ?? '',
  });
  if (error !== undefined) {
    throw new Error(`cannot run ${program} (${error.message}): npx submilli packages --for test`, { cause: error });
  }
  return { status, output: stdout + stderr };
};

/** Where the Python packages of requirements.txt are, installed at first use. */
const pythonTools = (): string => {
  const requirements = join(__dirname, 'requirements.txt');
  const digest = createHash('sha256').update(readFileSync(requirements)).digest('hex').slice(0, 12);
  const home = join(checkout, '.cache', `compose-tools-${digest}`);
  if (existsSync(home)) return home;
  mkdirSync(join(checkout, '.cache'), { recursive: true });
  // Installed beside its place and renamed, so that it is there whole or not at all.
  const partial = mkdtempSync(`${home}.partial-`);
  try {
    const flags = ['--quiet', '--no-deps', '--require-hashes', '--only-binary=:all:', '--disable-pip-version-check'];
    const { status, output } = run('python3', [
      '-m',
      'pip',
      'install',
      ...flags,
      '--target',
      partial,
      '-r',
      requirements,
    ]);
    if (status !== 0) throw new Error(`pip could not install ${requirements}: ${output}`);
    renameSync(partial, home);
  } catch (error) {
    if (!existsSync(home)) throw error; // or else another test file was faster
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
  return home;
};

export const hadolint = (): string => join(pythonTools(), 'bin', 'hadolint');

export const composeSchema = (): object =>
  JSON.parse(
    readFileSync(join(pythonTools(), 'check_jsonschema', 'builtin_schemas', 'vendor', 'compose-spec.json'), 'utf8'),
  ) as object;
