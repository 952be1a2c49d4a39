// `npm test`: installs what the tests need, then runs all of them. The last line counts: N passed, N failed.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { prepare, root } from './prepare.mjs';
import { preparePlugin } from './prepare-plugin.mjs';

const results = mkdtempSync(join(tmpdir(), 'submilli-test-'));
const tally = { passed: 0, failed: 0, skipped: 0 };

/** Runs a command with its output shown; true when it exits with 0. */
const run = (title, command, args, cwd = root) => {
  console.log(`\n── ${title}`);
  return spawnSync(command, args, { cwd, stdio: 'inherit' }).status === 0;
};

const check = (title, command, args, cwd) => {
  if (run(title, command, args, cwd)) tally.passed += 1;
  else {
    tally.failed += 1;
    console.log(`FAILED: ${title}`);
  }
};

const jest = (project, ...args) => jestIn(root, project, '--selectProjects', project, ...args);

const jestIn = (folder, project, ...args) => {
  const output = join(results, `${project}.json`);
  const ok = run(
    `jest: ${project}`,
    'node',
    [
      ...['node_modules/jest/bin/jest.js', '--json', `--outputFile=${output}`, '--silent'],
      ...['--reporters=default', '--forceExit', ...args],
    ],
    folder,
  );
  try {
    const report = JSON.parse(readFileSync(output, 'utf8'));
    const brokenSuites = report.testResults.filter(
      (suite) => suite.status === 'failed' && suite.assertionResults.length === 0,
    );
    tally.passed += report.numPassedTests;
    tally.failed += report.numFailedTests + brokenSuites.length;
    tally.skipped += report.numPendingTests + report.numTodoTests;
    if (!ok && report.numFailedTests + brokenSuites.length === 0) tally.failed += 1;
    if (report.numTotalTests === 0) {
      tally.failed += 1;
      console.log(`FAILED: jest ${project} found no test`);
    }
  } catch {
    tally.failed += 1;
    console.log(`FAILED: jest ${project} left no report`);
  }
};

prepare();
if (!run('Debian packages', 'node', ['toolkit/bin/submilli.js', 'packages', '--for', 'test', '--yes'])) process.exit(1);
check('types of the tests', 'node', ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.tests.json']);
check('eslint', 'node', ['node_modules/eslint/bin/eslint.js', '.']);
check('prettier', 'node', ['node_modules/prettier/bin/prettier.cjs', '--check', '--log-level', 'warn', '.']);
const app = join(root, 'grafana-plugin');
const isAppReady = preparePlugin();
if (isAppReady) {
  check('types of the Grafana app', 'node', ['node_modules/typescript/bin/tsc', '--noEmit'], app);
  check('eslint of the Grafana app', 'node', ['node_modules/eslint/bin/eslint.js', '.'], app);
  check('specs for a real Grafana, listed', 'node', ['node_modules/@playwright/test/cli.js', 'test', '--list'], app);
  jestIn(app, 'app');
} else tally.failed += 1;
jest('unit');
jest('compose');
jest('packaging');
jest('rules');
jest('postgres', '--maxWorkers=2');
jest('e2e', '--runInBand');
if (isAppReady) jestIn(app, 'browser', '-c', 'jest.browser.config.js', '--runInBand');

rmSync(results, { recursive: true, force: true });
console.log('');
console.log(`${tally.passed} passed, ${tally.failed} failed${tally.skipped > 0 ? `, ${tally.skipped} skipped` : ''}`);
process.exit(tally.failed > 0 || (process.env.CI && tally.skipped > 0) ? 1 : 0);
