// `npm test`: installs what the tests need, then runs all of them. The last line counts: N passed, N failed.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { prepare, root } from './prepare.mjs';
import { preparePlugin } from './prepare-plugin.mjs';
import { canBeApart, inLanes, runners } from './test/run.mjs';
import { startTally } from './test/tally.mjs';

const results = mkdtempSync(join(tmpdir(), 'submilli-test-'));
const tally = startTally();
const { shown, yielding, apart } = runners(results);

const timed = async (title, work) => {
  const start = Date.now();
  const answer = await work();
  tally.took(title, (Date.now() - start) / 1000);
  return answer;
};

const check = async (run, title, command, cwd = root) => {
  const trouble = await timed(title, () => run(title, command, cwd));
  if (trouble === '') tally.passes();
  else tally.fails(`${title}: ${trouble}`);
};

const JEST = ['node', 'node_modules/jest/bin/jest.js'];
const REPORTERS = ['default', join(root, 'scripts', 'test', 'as-they-fail.cjs')].map((one) => `--reporters=${one}`);
const jest = async (run, project, { folder = root, title = project, args = ['--selectProjects', project] } = {}) => {
  const output = join(mkdtempSync(join(results, `${project}-`)), 'report.json');
  const report = ['--json', `--outputFile=${output}`, '--silent', ...REPORTERS, '--forceExit'];
  const trouble = await timed(title, () => run(`jest: ${title}`, [...JEST, ...args, ...report], folder));
  try {
    tally.reads(JSON.parse(readFileSync(output, 'utf8')), { project, folder, trouble });
  } catch {
    tally.fails(`${title}: it left no report: ${trouble}`);
  }
};

prepare();
const packages = spawnSync('node', ['toolkit/bin/submilli.js', 'packages', '--for', 'test', '--yes'], {
  ...{ cwd: root, stdio: 'inherit' },
});
if (packages.status !== 0) process.exit(1);
const app = join(root, 'grafana-plugin');
const isAppReady = preparePlugin();
if (!isAppReady) tally.fails('the Grafana app was not built');

/** What computes, or waits for itself alone, on ports of its own. */
const whatComputes = async () => {
  await check(yielding, 'types of the tests', ['node', 'node_modules/typescript/bin/tsc', '-p', 'tsconfig.tests.json']);
  await check(yielding, 'eslint', ['node', 'node_modules/eslint/bin/eslint.js', '.']);
  const format = ['node', 'node_modules/prettier/bin/prettier.cjs', '--check', '--log-level', 'warn', '.'];
  await check(yielding, 'prettier', format);
  for (const project of ['unit', 'compose', 'packaging', 'rules']) await jest(yielding, project);
  if (!isAppReady) return;
  await check(yielding, 'types of the Grafana app', ['node', 'node_modules/typescript/bin/tsc', '--noEmit'], app);
  await check(yielding, 'eslint of the Grafana app', ['node', 'node_modules/eslint/bin/eslint.js', '.'], app);
  const specs = ['node', 'node_modules/@playwright/test/cli.js', 'test', '--list'];
  await check(yielding, 'specs for a real Grafana, listed', specs, app);
  await jest(yielding, 'app', { folder: app, args: [] });
};

/**
 * Each has a stack of its own, on the usual ports. First the longest, which waits for moments that pass, and beside it
 * what asks little of the machine; what asks much comes last, and of that the drills, which are about seconds, not beside
 * the browser.
 */
const FIRST = 'alerts';
const LAST = ['drills', 'stack', 'fire', 'browser', 'load'];
const whatRunsStacks = () => {
  const listed = spawnSync(JEST[0], [JEST[1], '--selectProjects', 'e2e', '--listTests'], {
    cwd: root,
    encoding: 'utf8',
  });
  const files = listed.stdout.split('\n').filter((line) => line.endsWith('.test.ts'));
  if (listed.status !== 0 || files.length === 0) tally.fails(`e2e: no test was found: ${listed.stderr}`);
  const run = canBeApart() ? apart : shown;
  if (run === shown) console.log('No network namespace can be made (root with CAP_SYS_ADMIN): one stack at a time.');
  const jobs = files.map((file) => {
    const name = basename(file, '.test.ts');
    return { name, run: () => jest(run, 'e2e', { title: `e2e ${name}`, args: [file, '--selectProjects', 'e2e'] }) };
  });
  jobs.push({ name: 'fire', run: () => jest(run, 'fire') });
  const args = ['-c', 'jest.browser.config.js', '--runInBand'];
  if (isAppReady) jobs.push({ name: 'browser', run: () => jest(run, 'browser', { folder: app, args }) });
  const rank = ({ name }) => (name === FIRST ? -1 : LAST.indexOf(name) + 1);
  return inLanes(
    run === apart ? 2 : 1,
    jobs.toSorted((a, b) => rank(a) - rank(b)).map((job) => job.run),
  );
};

await jest(shown, 'postgres', { args: ['--maxWorkers=2', '--selectProjects', 'postgres'] });
await Promise.all([whatRunsStacks(), whatComputes()]);

rmSync(results, { recursive: true, force: true });
process.exit(tally.tell() ? 0 : 1);
