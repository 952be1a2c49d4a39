import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeDir, writeFile } from '../stack/files';
import { getJson, getOk } from '../stack/http';
import { checkout } from '../stack/layout';
import type { Service } from '../stack/service';
import { readReference } from '../stack/template';
import type { DebianContext } from './context';

export const PROMETHEUS_URL = 'http://127.0.0.1:9090';

const configOf = ({ layout }: DebianContext): string => `${layout.state}/prometheus.yml`;

export const preparePrometheus = (context: DebianContext): void => {
  makeDir(context.layout.dirOf('prometheus'), context.account);
  const rules = join(checkout, 'alert-rules');
  makeDir(`${context.layout.state}/rules`, context.account);
  for (const name of readdirSync(rules).filter((file) => file.endsWith('.rules.yml'))) {
    writeFile(`${context.layout.state}/rules/${name}`, readFileSync(join(rules, name), 'utf8'), context.account);
  }
  writeFile(configOf(context), readReference('prometheus/prometheus.yml'), context.account);
};

type Targets = { data?: { activeTargets?: { scrapeUrl: string; health: string; lastError: string }[] } };

/** Ready when it serves and every target was scraped by this very process: stored samples of an earlier run don't count. */
export const prometheusService = (context: DebianContext): Service => ({
  name: 'prometheus',
  title: 'Prometheus',
  command: context.binaries.prometheus,
  args: [
    `--config.file=${configOf(context)}`,
    `--storage.tsdb.path=${context.layout.dirOf('prometheus')}`,
    '--storage.tsdb.retention.size=512MB',
    '--storage.tsdb.retention.time=7d',
    '--web.listen-address=127.0.0.1:9090',
    `--web.external-url=${PROMETHEUS_URL}`,
  ],
  account: context.account,
  endpoints: [{ what: 'Prometheus', url: PROMETHEUS_URL, port: 9090 }],
  ready: async (signal) => {
    await getOk(`${PROMETHEUS_URL}/-/ready`, signal);
    const { data } = (await getJson(`${PROMETHEUS_URL}/api/v1/targets?state=active`, signal)) as Targets;
    const targets = data?.activeTargets ?? [];
    const bad = targets.find(({ health }) => health !== 'up');
    if (bad !== undefined) throw new Error(`${bad.scrapeUrl} is ${bad.health} ${bad.lastError}`.trim());
    if (targets.length === 0) throw new Error('it has no targets yet');
    return `${targets.length} targets up`;
  },
  readySeconds: 45,
});
