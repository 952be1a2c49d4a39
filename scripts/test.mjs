// `npm test`: installs what the tests need, then runs all of them. The last line counts: N passed, N failed.
import { spawn, spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { prepare, root } from './prepare.mjs';
import { preparePlugin } from './prepare-plugin.mjs';

const FIRST_LINES = 15;
const results = mkdtempSync(join(tmpdir(), 'submilli-test-'));
const tally = { passed: 0, failed: 0, skipped: 0 };
/** What failed, with its project and its file: said once more at the end, where hours of output do not hide it. */
const failures = [];
const fails = (what) => {
  tally.failed += 1;
  failures.push(what);
};

const exitOf = (child) =>
  new Promise((resolve) => {
    child.on('error', () => resolve(1)).on('close', (code) => resolve(code ?? 1));
  });

/** The first lines of what a test said, without colours. */
const indented = (messages) =>
  stripVTControlCharacters(messages.join('\n'))
    .split('\n')
    .filter((line) => line.trim() !== '')
    .slice(0, FIRST_LINES)
    .map((line) => `    ${line.slice(0, 300)}`)
    .join('\n');

/** Runs a command with its output shown; true when it exits with 0. */
const shown = async (title, command, args, cwd) => {
  console.log(`\n── ${title}`);
  return (await exitOf(spawn(command, args, { cwd, stdio: 'inherit' }))) === 0;
};

/** The same beside another, which it gives way to; its output is shown when it has ended. */
const beside = async (title, command, args, cwd) => {
  const path = join(results, 'output.txt');
  const file = openSync(path, 'w');
  const code = await exitOf(spawn('nice', ['-n', '19', command, ...args], { cwd, stdio: ['ignore', file, file] }));
  closeSync(file);
  console.log(`\n── ${title}\n${readFileSync(path, 'utf8')}`);
  return code === 0;
};

const check = async (run, title, command, args, cwd = root) => {
  if (await run(title, command, args, cwd)) tally.passed += 1;
  else fails(title);
};

const jest = (run, project, ...args) => jestIn(run, root, project, ...args, '--selectProjects', project);

const jestIn = async (run, folder, project, ...args) => {
  const output = join(mkdtempSync(join(results, `${project}-`)), 'report.json');
  const ok = await run(
    `jest: ${project}`,
    'node',
    [
      ...['node_modules/jest/bin/jest.js', ...args, '--json', `--outputFile=${output}`, '--silent'],
      ...['--reporters=default', '--forceExit'],
    ],
    folder,
  );
  try {
    const report = JSON.parse(readFileSync(output, 'utf8'));
    const brokenSuites = report.testResults.filter(
      (suite) => suite.status === 'failed' && suite.assertionResults.length === 0,
    );
    tally.passed += report.numPassedTests;
    tally.skipped += report.numPendingTests + report.numTodoTests;
    for (const { name } of brokenSuites) fails(`${project}: ${relative(folder, name)} did not run`);
    for (const { name, assertionResults } of report.testResults) {
      for (const { status, fullName, failureMessages } of assertionResults) {
        if (status === 'failed')
          fails(`${project}: ${relative(folder, name)}: ${fullName}\n${indented(failureMessages)}`);
      }
    }
    if (!ok && report.numFailedTests + brokenSuites.length === 0) fails(`${project}: jest itself`);
    if (report.numTotalTests === 0) fails(`${project}: jest found no test`);
  } catch {
    fails(`${project}: jest left no report`);
  }
};

prepare();
const packages = spawnSync('node', ['toolkit/bin/submilli.js', 'packages', '--for', 'test', '--yes'], {
  ...{ cwd: root, stdio: 'inherit' },
});
if (packages.status !== 0) process.exit(1);
const app = join(root, 'grafana-plugin');
const isAppReady = preparePlugin();
if (!isAppReady) fails('the Grafana app was not built');

/** What computes, or waits for itself alone, on ports of its own. */
const whatComputes = async () => {
  await check(beside, 'types of the tests', 'node', ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.tests.json']);
  await check(beside, 'eslint', 'node', ['node_modules/eslint/bin/eslint.js', '.']);
  const format = ['node_modules/prettier/bin/prettier.cjs', '--check', '--log-level', 'warn', '.'];
  await check(beside, 'prettier', 'node', format);
  for (const project of ['unit', 'compose', 'packaging', 'rules', 'fire']) await jest(beside, project);
  if (!isAppReady) return;
  await check(beside, 'types of the Grafana app', 'node', ['node_modules/typescript/bin/tsc', '--noEmit'], app);
  await check(beside, 'eslint of the Grafana app', 'node', ['node_modules/eslint/bin/eslint.js', '.'], app);
  const specs = ['node_modules/@playwright/test/cli.js', 'test', '--list'];
  await check(beside, 'specs for a real Grafana, listed', 'node', specs, app);
  await jestIn(beside, app, 'app');
};

const ALERTS = 'toolkit/test/e2e/alerts.test.ts';

await jest(shown, 'postgres', '--maxWorkers=2');
// A quarter of an hour of waiting for alerts to come and to go.
await Promise.all([jest(shown, 'e2e', ALERTS, '--runInBand'), whatComputes()]);
await jest(
  shown,
  'e2e',
  `--testPathIgnorePatterns=${ALERTS}`,
  '--testPathIgnorePatterns=/node_modules/',
  '--runInBand',
);
if (isAppReady) await jestIn(shown, app, 'browser', '-c', 'jest.browser.config.js', '--runInBand');

rmSync(results, { recursive: true, force: true });
console.log('');
for (const what of failures) console.log(`FAILED: ${what}`);
console.log(`${tally.passed} passed, ${tally.failed} failed${tally.skipped > 0 ? `, ${tally.skipped} skipped` : ''}`);
process.exit(tally.failed > 0 || (process.env.CI && tally.skipped > 0) ? 1 : 0);
