import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { localAlertmanager, referenceAlertmanager } from '../../../src/stack/alertmanager-config';
import { checkout } from '../../../src/stack/layout';
import { ports, until } from '../stack';
import { changeFile, type Lab, processOf, reload, reloadPrometheus } from './lab';
import { hurriedExporters, hurriedPrometheus, hurriedRoute, hurriedRules, type Lowered } from './hurry';

type Configs = Readonly<Record<string, unknown>>;

/**
 * Alertmanager's configuration with the clock set forward, and its receivers told apart by address only: the webhook
 * hears everything, and the chat and the pager of the reference are sent to the test, text and all.
 */
export const alertmanagerFor = (url: string): string => {
  const reference = referenceAlertmanager();
  const local = localAlertmanager(reference, `${url}/webhook`);
  const receivers = local.receivers.map((receiver) => {
    const own = reference.receivers.find(({ name }) => name === receiver.name) as unknown as Readonly<
      Record<'slack_configs' | 'pagerduty_configs', readonly Configs[] | undefined>
    >;
    return {
      ...receiver,
      slack_configs: own.slack_configs?.map((config) => ({ ...config, api_url: `${url}/slack` })),
      pagerduty_configs: own.pagerduty_configs?.map(({ routing_key_file, ...config }) => ({
        ...config,
        routing_key: 'a key',
        url: `${url}/pagerduty`,
      })),
    };
  });
  return stringify(
    { ...local, route: hurriedRoute(local.route), receivers },
    { lineWidth: 0, aliasDuplicateObjects: false },
  );
};

/** The generated rules, by the name of their file. */
export const generatedRules = (): ReadonlyMap<string, string> =>
  new Map(
    readdirSync(join(checkout, 'alert-rules'))
      .filter((name) => name.endsWith('.rules.yml'))
      .map((name) => [name, readFileSync(join(checkout, 'alert-rules', name), 'utf8')]),
  );

const asked = async (url: string): Promise<string> => (await fetch(url, { headers: { connection: 'close' } })).text();

/** Makes the running stack hurry: rewrites what it was started with, and has each program read it again. */
export const setForward = async (lab: Lab, lowered: readonly Lowered[]): Promise<void> => {
  const { state, ears } = lab;
  changeFile(join(state, 'submilli.yml'), hurriedExporters);
  for (const port of Object.values(ports))
    if (!(await reload(port))) throw new Error(`port ${port} refused its reload`);
  for (const [name, text] of hurriedRules(generatedRules(), lowered))
    changeFile(join(state, 'rules', name), () => text);
  changeFile(join(state, 'prometheus.yml'), hurriedPrometheus);
  changeFile(join(state, 'alertmanager.yml'), () => alertmanagerFor(ears.url));
  process.kill(processOf(lab, 'alertmanager'), 'SIGHUP');
  await reloadPrometheus(lab);
  const [rules, receivers] = await until(
    60,
    () => Promise.all([asked('http://127.0.0.1:9090/api/v1/rules'), asked('http://127.0.0.1:9099/api/v2/status')]),
    (seen) => seen[0].includes('"duration":0.5') && seen[1].includes(ears.url),
  );
  if (!rules.includes('"duration":0.5')) throw new Error(`Prometheus did not take its rules: ${rules.slice(0, 500)}`);
  if (!receivers.includes(ears.url)) throw new Error(`Alertmanager did not take its configuration: ${receivers}`);
};
