import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type History, writeOpenMetrics } from './samples';
import { until } from '../stack';

export type LivePrometheus = { readonly url: string; readonly stop: () => Promise<void> };

export const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject).listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });

/** A real Prometheus that remembers what it never scraped: promtool makes its blocks. It scrapes nothing. */
export const startPrometheus = async (histories: readonly History[], webConfig = ''): Promise<LivePrometheus> => {
  const home = mkdtempSync(join(tmpdir(), 'submilli-prometheus-'));
  const data = join(home, 'data');
  if (histories.length > 0) {
    const text = join(home, 'history.txt');
    await writeOpenMetrics(text, histories);
    // One pass over the text for each block: let there be few.
    const made = spawnSync(
      'promtool',
      ['tsdb', 'create-blocks-from', 'openmetrics', '--max-block-duration=768h', '--quiet', text, data],
      {
        encoding: 'utf8',
      },
    );
    if (made.status !== 0) throw new Error(`promtool: ${made.stderr}`);
    rmSync(text);
  }
  writeFileSync(join(home, 'prometheus.yml'), 'global: {}\n');
  writeFileSync(join(home, 'web.yml'), webConfig);
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const child = spawn(
    'prometheus',
    [
      ...[`--config.file=${home}/prometheus.yml`, `--web.config.file=${home}/web.yml`],
      ...[`--storage.tsdb.path=${data}`, '--storage.tsdb.retention.time=1y', `--web.listen-address=127.0.0.1:${port}`],
    ],
    { stdio: 'ignore' },
  );
  const ended = new Promise<void>((resolve) => child.on('exit', () => resolve()));
  const isUp = (): Promise<boolean> => fetch(`${url}/-/ready`).then(({ status }) => status === 200 || status === 401);
  if ((await until(60, isUp, (up) => up)) !== true) throw new Error(`Prometheus does not get ready at ${url}`);
  return {
    url,
    stop: async () => {
      child.kill();
      await ended;
      rmSync(home, { recursive: true, force: true });
    },
  };
};
