// `npm start`: makes sure that the checkout is installed and built, the Grafana app included, then brings the stack up.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { prepare, root } from './prepare.mjs';
import { preparePlugin } from './prepare-plugin.mjs';

prepare();
const isLeftOut = ['--no-preview', '--embedded', '--help', '-h'].some((flag) => process.argv.includes(flag));
if (!isLeftOut && !preparePlugin()) console.error('The stack starts without the preview of the Grafana app.');
const child = spawn(
  process.execPath,
  [join(root, 'toolkit', 'bin', 'submilli.js'), 'stack', 'up', ...process.argv.slice(2)],
  {
    stdio: 'inherit',
  },
);
// Ctrl-C reaches the child by itself, since it shares our terminal; it decides when to end.
process.on('SIGINT', () => undefined);
for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
child.on('exit', (code, signal) => process.exit(signal === null ? code : 1));
