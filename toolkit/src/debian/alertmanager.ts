import {
  alertmanagerYaml,
  localAlertmanager,
  referenceAlertmanager,
  referenceTemplates,
} from '../stack/alertmanager-config';
import { makeDir, writeFile } from '../stack/files';
import { getOk } from '../stack/http';
import type { Service } from '../stack/service';
import type { DebianContext } from './context';

/** Its usual 9093 and 9094 are exporters here. */
export const ALERTMANAGER_URL = 'http://127.0.0.1:9099';

const configOf = ({ layout }: DebianContext): string => `${layout.state}/alertmanager.yml`;

export const prepareAlertmanager = (context: DebianContext, webhook: string | undefined): void => {
  const { layout, account } = context;
  makeDir(layout.dirOf('alertmanager'), account);
  makeDir(`${layout.state}/templates`, account);
  for (const [name, text] of referenceTemplates()) writeFile(`${layout.state}/templates/${name}`, text, account);
  writeFile(configOf(context), alertmanagerYaml(localAlertmanager(referenceAlertmanager(), webhook)), account);
};

/** Alone, so without gossip. */
export const alertmanagerService = (context: DebianContext): Service => ({
  name: 'alertmanager',
  title: 'Alertmanager',
  command: context.binaries.alertmanager,
  args: [
    `--config.file=${configOf(context)}`,
    `--storage.path=${context.layout.dirOf('alertmanager')}`,
    '--web.listen-address=127.0.0.1:9099',
    `--web.external-url=${ALERTMANAGER_URL}`,
    '--cluster.listen-address=',
  ],
  account: context.account,
  endpoints: [{ what: 'Alertmanager', url: ALERTMANAGER_URL, port: 9099 }],
  ready: async (signal) => {
    await getOk(`${ALERTMANAGER_URL}/-/ready`, signal);
    return undefined;
  },
  readySeconds: 20,
});
