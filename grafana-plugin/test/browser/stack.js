'use strict';
// The whole stack, with a workload to look at, unless one is running already (then that is used, and left alone).
const { spawnSync } = require('node:child_process');
const { chmodSync, mkdtempSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join } = require('node:path');

const root = join(__dirname, '..', '..', '..');
const URL = 'http://127.0.0.1:3000';

const submilli = (...args) => {
  const { status } = spawnSync(process.execPath, [join(root, 'toolkit/bin/submilli.js'), ...args], {
    stdio: 'inherit',
  });
  if (status !== 0) throw new Error(`submilli ${args.join(' ')} failed`);
};

const answers = (url) =>
  fetch(url, { signal: AbortSignal.timeout(2000) }).then(
    ({ ok }) => ok,
    () => false,
  );

module.exports = async () => {
  process.env.PREVIEW_URL = URL;
  if (await answers(URL)) return;
  const parent = mkdtempSync(join(tmpdir(), 'submilli-browser-'));
  chmodSync(parent, 0o755);
  const state = join(parent, 'stack');
  globalThis.stackState = state;
  submilli('stack', 'up', '--detach', '--yes', '--state', state);
  // Something to tell under "failover history".
  spawnSync('patronictl', ['-c', join(state, 'patroni/patronictl.yml'), 'switchover', 'grandmodel', '--force'], {
    stdio: 'inherit',
  });
  await until('the failover', async () => {
    const { failovers } = await (await fetch('http://127.0.0.1:9094/api/v1/failovers')).json();
    const { members } = await (await fetch('http://127.0.0.1:9094/api/v1/topology')).json();
    return failovers.length > 0 && members.every(({ up }) => up);
  });
  await until('advice and latency', async () => {
    const advice = await (await fetch('http://127.0.0.1:9093/api/v1/recommendations')).json();
    const latency = await (await fetch('http://127.0.0.1:9093/api/v1/latency?target=pg2')).json();
    const enough = latency.statements.some(({ log }) => log.quantiles.some(({ quantile }) => quantile === 0.99));
    return advice.recommendations.some(({ rule }) => rule === 'missing-index') && enough;
  });
};

const until = async (what, look) => {
  for (let i = 0; i < 180; i += 1) {
    if (await look().catch(() => false)) return;
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
  throw new Error(`no ${what} within three minutes`);
};
