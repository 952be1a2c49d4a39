import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

export type Labels = Readonly<Record<string, string>>;

/** One alert of a notification, as Alertmanager's webhook has it. */
export type ToldAlert = {
  readonly status: 'firing' | 'resolved';
  readonly labels: Labels;
  readonly annotations: Labels;
  readonly startsAt: string;
  readonly fingerprint: string;
};

export type Notification = {
  readonly receiver: string;
  readonly alerts: readonly ToldAlert[];
  readonly groupLabels: Labels;
  /** When it came, milliseconds since the epoch. */
  readonly at: number;
};

/** What the chat and the pager of the reference get, whose text Alertmanager makes from the templates. */
export type Message = { readonly via: 'slack' | 'pagerduty'; readonly text: string };

type Slack = { readonly attachments: readonly { readonly title: string; readonly text: string }[] };
type PagerDuty = { readonly payload: { readonly summary: string; readonly custom_details: { readonly text: string } } };

const ofSlack = ({ attachments }: Slack): string =>
  attachments.map(({ title, text }) => `${title}\n${text}`).join('\n');

const ofPagerDuty = ({ payload }: PagerDuty): string => `${payload.summary}\n${payload.custom_details.text}`;

/** Who is told: a webhook, and what stands in for a chat and a pager. */
export type Ears = {
  readonly url: string;
  readonly notifications: readonly Notification[];
  readonly messages: readonly Message[];
  readonly close: () => Promise<void>;
};

const textOf = async (request: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
};

export const openEars = async (): Promise<Ears> => {
  const notifications: Notification[] = [];
  const messages: Message[] = [];
  const server = createServer((request, response) => {
    void textOf(request).then((text) => {
      const body: unknown = JSON.parse(text);
      if (request.url === '/slack') messages.push({ via: 'slack', text: ofSlack(body as Slack) });
      else if (request.url === '/pagerduty') messages.push({ via: 'pagerduty', text: ofPagerDuty(body as PagerDuty) });
      else notifications.push({ ...(body as Omit<Notification, 'at'>), at: Date.now() });
      // What the pager's API answers; nobody else minds.
      response.statusCode = request.url === '/pagerduty' ? 202 : 200;
      response.end('{}');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    notifications,
    messages,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};
