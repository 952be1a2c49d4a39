import type {
  ContactPoint as ApiContactPoint,
  NotificationPolicy as ApiPolicy,
} from '@grafana/grafana-foundation-sdk/alerting';

/** What is used of Alertmanager's configuration. Another key of a route or a receiver is refused below. */
export type Alertmanager = {
  readonly global: { readonly slack_api_url_file: string };
  readonly route: Route;
  readonly receivers: readonly ({ readonly name: string } & Readonly<
    Record<string, readonly Integration[] | string>
  >)[];
};

type Route = {
  readonly receiver?: string;
  readonly matchers?: readonly string[];
  readonly group_by?: readonly string[];
  readonly group_wait?: string;
  readonly group_interval?: string;
  readonly repeat_interval?: string;
  readonly continue?: boolean;
  readonly routes?: readonly Route[];
};

type Integration = Readonly<Record<string, unknown>>;

/** As in a file of Grafana's. */
export type ContactPoint = {
  readonly orgId: number;
  readonly name: string;
  readonly receivers: readonly (Required<Pick<ApiContactPoint, 'uid' | 'disableResolveMessage'>> &
    Pick<ApiContactPoint, 'type'> & { readonly settings: Readonly<Record<string, unknown>> })[];
};

type Timing = Pick<ApiPolicy, 'group_wait' | 'group_interval' | 'repeat_interval'>;

export type Policy = Timing & {
  readonly receiver?: string;
  readonly group_by?: readonly string[];
  readonly object_matchers?: readonly (readonly string[])[];
  readonly continue?: boolean;
  readonly routes?: readonly Policy[];
};

/** Grafana reads a file where it reads `$__file{…}`, at its start. */
const secret = (path: unknown): string => `$__file{${String(path).replace(/^\/etc\/alertmanager\//, '/etc/grafana/')}}`;

type Converted = { readonly type: ApiContactPoint['type']; readonly settings: Readonly<Record<string, unknown>> };

const webhook = ({ url, http_config }: Integration): Converted => {
  const { username, password_file } = (http_config as { basic_auth: Readonly<Record<string, string>> }).basic_auth;
  return { type: 'webhook', settings: { url, httpMethod: 'POST', username, password: secret(password_file) } };
};

const converters: Readonly<Record<string, (one: Integration, global: Alertmanager['global']) => Converted>> = {
  pagerduty_configs: ({ routing_key_file, severity, description, client, client_url, details }) => ({
    type: 'pagerduty',
    settings: { integrationKey: secret(routing_key_file), severity, summary: description, client, client_url, details },
  }),
  slack_configs: ({ channel, color, title, text }, { slack_api_url_file }) => ({
    type: 'slack',
    settings: { url: secret(slack_api_url_file), recipient: channel, color, title, text },
  }),
  // The server that sends mail is Grafana's own to know: [smtp] of its configuration.
  email_configs: ({ to, headers, text }) => ({
    type: 'email',
    settings: { addresses: to, singleEmail: true, subject: (headers as { Subject: string }).Subject, message: text },
  }),
  webhook_configs: webhook,
};

/** Of Alertmanager's integrations, these tell the end of an alert unless told otherwise. */
const tellsTheEnd = (kind: string): boolean => kind === 'pagerduty_configs' || kind === 'webhook_configs';

export const contactPointsOf = ({ receivers, global }: Alertmanager): readonly ContactPoint[] =>
  receivers.map(({ name, ...integrations }) => ({
    orgId: 1,
    name,
    receivers: Object.entries(integrations).flatMap(([kind, all]) => {
      const convert = converters[kind];
      if (convert === undefined || typeof all === 'string') {
        throw new Error(`alertmanager.yml: Grafana's counterpart of ${kind} in ${name} is not known: add it here`);
      }
      return all.map((one, i) => {
        const { type, settings } = convert(one, global);
        return {
          uid: `submilli-${name}-${type}${i === 0 ? '' : `-${i + 1}`}`,
          ...{ type, disableResolveMessage: !(one.send_resolved ?? tellsTheEnd(kind)), settings },
        };
      });
    }),
  }));

const MATCHER = /^(\w+)\s*(=~|!~|!=|=)\s*"?(.*?)"?$/;

const matcherOf = (text: string): readonly string[] => {
  const [, label, operator, value] = MATCHER.exec(text) ?? [];
  if (label === undefined || operator === undefined || value === undefined) {
    throw new Error(`alertmanager.yml: "${text}" is no matcher`);
  }
  return [label, operator, value];
};

const timing = ['group_wait', 'group_interval', 'repeat_interval'] as const;

const policyOf = (route: Route): Policy => {
  const { receiver, matchers, group_by, continue: goOn, routes } = route;
  return {
    ...(receiver === undefined ? {} : { receiver }),
    ...(matchers === undefined ? {} : { object_matchers: matchers.map(matcherOf) }),
    ...(group_by === undefined ? {} : { group_by }),
    ...Object.fromEntries(timing.flatMap((key) => (route[key] === undefined ? [] : [[key, route[key]]]))),
    ...(goOn === undefined ? {} : { continue: goOn }),
    ...(routes === undefined ? {} : { routes: routes.map(policyOf) }),
  };
};

/** The whole tree: Grafana has one for each organisation, and this replaces it. */
export const policiesOf = ({ route }: Alertmanager): readonly (Policy & { readonly orgId: number })[] => [
  { orgId: 1, ...policyOf(route) },
];
