// What must hold before anything of the checkout can run: Node.js, the npm dependencies, and the build.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));

const OLDEST_NODE = [20, 19];

const fail = (message) => {
  console.error(`submilli: ${message}`);
  process.exit(1);
};

/** Installs npm dependencies and builds where they are missing or stale; exits with one sentence when it can't. */
export const prepare = () => {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major < OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor < OLDEST_NODE[1])) {
    fail(`Node.js ${OLDEST_NODE.join('.')} or newer is needed, this is ${process.versions.node}.`);
  }
  if (dependenciesAreStale()) {
    console.log('Installing npm dependencies');
    step('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], 'npm ci failed; see above.');
  }
  step('node', ['node_modules/typescript/bin/tsc', '-b'], 'the build failed; see above.');
};

const dependenciesAreStale = () => {
  const installed = join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(installed)) return true;
  if (!existsSync(join(root, 'node_modules', 'typescript', 'package.json'))) return true;
  return statSync(join(root, 'package-lock.json')).mtimeMs > statSync(installed).mtimeMs && !sameLock(installed);
};

/** npm's own record leaves out the root package and links; what it has must be what the lock file asks for. */
const sameLock = (installed) => {
  const read = (file) => JSON.parse(readFileSync(file, 'utf8')).packages;
  const wanted = read(join(root, 'package-lock.json'));
  const present = read(installed);
  return Object.entries(wanted).every(
    ([path, { version, optional, link }]) =>
      path === '' || link || optional || !path.startsWith('node_modules') || present[path]?.version === version,
  );
};

const step = (command, args, message) => {
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });
  if (error) fail(`cannot run ${command}: ${error.message}`);
  if (status !== 0) fail(message);
};
