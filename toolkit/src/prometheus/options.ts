import { type Command, Option } from 'commander';
import { connectPrometheus, type Prometheus } from './client';
import { baseUrlOf, checkCredentials } from './credentials';

export type PrometheusFlags = {
  readonly prometheus: string;
  readonly prometheusUser?: string;
  readonly prometheusPasswordFile?: string;
  readonly prometheusTokenFile?: string;
  readonly prometheusCaFile?: string;
  readonly prometheusTenant?: string;
};

/** How to get to Prometheus, the same for every command that asks it. */
export const withPrometheus = (command: Command): Command =>
  command
    .addOption(
      new Option('--prometheus <url>', 'Prometheus, or what speaks like it (Thanos, Mimir, VictoriaMetrics)')
        .env('SUBMILLI_PROMETHEUS')
        .default('http://127.0.0.1:9090'),
    )
    .option('--prometheus-user <name>', 'where it asks who you are')
    .option('--prometheus-password-file <file>', 'and the file with the password')
    .option('--prometheus-token-file <file>', 'or the file with a bearer token')
    .option('--prometheus-ca-file <file>', 'whose certificates to trust, for https')
    .option('--prometheus-tenant <name>', 'X-Scope-OrgID, where Mimir serves several');

export const prometheusOf = (flags: PrometheusFlags, signal: AbortSignal): Prometheus => {
  const { prometheusUser: user, prometheusPasswordFile: passwordFile, prometheusTokenFile: tokenFile } = flags;
  const credentials = { user, passwordFile, tokenFile };
  checkCredentials(credentials, 'prometheus');
  return connectPrometheus({
    ...credentials,
    url: baseUrlOf(flags.prometheus, '--prometheus'),
    ...{ caFile: flags.prometheusCaFile, tenant: flags.prometheusTenant, signal },
  });
};
