import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { validate } from 'dockerfile-utils';

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

/** The JSON schema of the Compose Specification, as dclint's maintainers keep it current. */
export const composeSchema = (): object => {
  const schema = JSON.parse(readRepo(join('node_modules', 'dclint', 'schemas', 'compose.schema.json'))) as object;
  return { ...schema, $schema: 'http://json-schema.org/draft-07/schema#' }; // the draft's name as ajv knows it
};

/** What is wrong with a Dockerfile, one line per finding; warnings count. */
export const dockerfileProblems = (text: string): string[] =>
  validate(text).map(
    ({ range, message }) => `line ${range.start.line + 1}: ${typeof message === 'string' ? message : message.value}`,
  );

/** What ShellCheck says of the shell that a `RUN` instruction runs. */
export const shellProblems = (script: string): string =>
  run('shellcheck', ['--shell=sh', '--severity=style', '--format=gcc', '-'], { input: `${script}\n` }).output.trim();
