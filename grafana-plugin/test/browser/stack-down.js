'use strict';
const { spawnSync } = require('node:child_process');
const { rmSync } = require('node:fs');
const { dirname, join } = require('node:path');

module.exports = () => {
  const state = globalThis.stackState;
  if (state === undefined) return;
  const bin = join(__dirname, '..', '..', '..', 'toolkit/bin/submilli.js');
  spawnSync(process.execPath, [bin, 'stack', 'down', '--state', state], { stdio: 'inherit' });
  rmSync(dirname(state), { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
};
