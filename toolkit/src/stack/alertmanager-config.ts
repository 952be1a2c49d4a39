import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { checkout } from './layout';

const room = join(checkout, 'alert-rules');

type Webhook = { readonly url: string; readonly send_resolved: boolean };
type Receiver = { readonly name: string; readonly webhook_configs?: readonly Webhook[] };

/** What there is in the reference configuration, as far as it is read here. */
export type AlertmanagerConfig = {
  readonly global: { readonly resolve_timeout: string };
  readonly templates: readonly string[];
  readonly route: object;
  readonly inhibit_rules: readonly object[];
  readonly receivers: readonly Receiver[];
};

export const referenceAlertmanager = (): AlertmanagerConfig =>
  parse(readFileSync(join(room, 'alertmanager.yml'), 'utf8')) as AlertmanagerConfig;

/** Text by name, of the templates that the configuration loads from templates/. */
export const referenceTemplates = (): ReadonlyMap<string, string> =>
  new Map(
    readdirSync(join(room, 'templates'))
      .filter((name) => name.endsWith('.tmpl'))
      .map((name) => [name, readFileSync(join(room, 'templates', name), 'utf8')]),
  );

/**
 * The same routes, inhibition and templates, and nobody to tell but a webhook if one is given: addresses, keys and
 * passwords of the reference are its users' own.
 */
export const localAlertmanager = (reference: AlertmanagerConfig, webhook?: string): AlertmanagerConfig => ({
  global: { resolve_timeout: reference.global.resolve_timeout },
  templates: reference.templates,
  route: reference.route,
  inhibit_rules: reference.inhibit_rules,
  receivers: reference.receivers.map(({ name, webhook_configs = [] }) => ({
    name,
    ...(webhook === undefined
      ? {}
      : {
          // That an alert is over interests everybody but a dead man's switch.
          webhook_configs: [
            { url: webhook, send_resolved: webhook_configs.every(({ send_resolved }) => send_resolved) },
          ],
        }),
  })),
});

export const alertmanagerYaml = (config: AlertmanagerConfig): string =>
  stringify(config, { lineWidth: 0, singleQuote: true, aliasDuplicateObjects: false });
