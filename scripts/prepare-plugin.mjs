// What must hold before the Grafana app can be previewed or tested: its own npm dependencies, its bundle, the preview.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './prepare.mjs';

const app = join(root, 'grafana-plugin');
const stamps = join(app, 'node_modules', '.stamps');

/** Installs and builds what is missing or stale. False, with a sentence, when that fails: the stack does without. */
export const preparePlugin = () => {
  const wanted = hashOf([join(app, 'package-lock.json'), join(app, '.npmrc')]);
  if (stampOf('installed') !== wanted) {
    console.log('Installing the Grafana app’s npm dependencies (once; about a minute)');
    if (!step('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'])) return failed('npm ci in grafana-plugin');
    stamp('installed', wanted);
  }
  const sources = hashOf([
    ...['webpack.config.js', 'package.json', 'package-lock.json', 'README.md', 'CHANGELOG.md'].map((name) =>
      join(app, name),
    ),
    ...filesIn(join(app, 'src')),
    ...filesIn(join(app, 'preview')).filter((file) => !file.startsWith(join(app, 'preview', 'dist'))),
    ...filesIn(join(root, 'exporters', 'core', 'src', 'api')),
    join(root, 'catalogue', 'src', 'thresholds.ts'),
  ]);
  const built = existsSync(join(app, 'dist', 'plugin.json')) && existsSync(join(app, 'preview', 'dist', 'server.mjs'));
  if (!built || stampOf('built') !== sources) {
    console.log('Building the Grafana app and its preview');
    const webpack = ['node_modules/webpack-cli/bin/cli.js', '--config', 'webpack.config.js', '--env', 'production'];
    if (!step('node', [...webpack, '--stats', 'errors-only'])) return failed('the bundle');
    if (!step('node', ['preview/build.mjs'])) return failed('the preview');
    stamp('built', sources);
  }
  return true;
};

const failed = (what) => {
  console.error(`submilli: ${what} failed; see above.`);
  return false;
};

const step = (command, args) =>
  spawnSync(command, args, { cwd: app, stdio: ['ignore', 'inherit', 'inherit'] }).status === 0;

const filesIn = (folder) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .sort();

const hashOf = (files) => {
  const hash = createHash('sha256');
  for (const file of files) hash.update(`${file.slice(root.length)}\n`).update(readFileSync(file));
  return hash.digest('hex');
};

const stampOf = (name) => {
  const file = join(stamps, name);
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
};

const stamp = (name, text) => {
  mkdirSync(stamps, { recursive: true });
  writeFileSync(join(stamps, name), text);
};
