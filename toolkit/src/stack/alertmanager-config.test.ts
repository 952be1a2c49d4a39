import { parse } from 'yaml';
import { alertmanagerYaml, localAlertmanager, referenceAlertmanager } from './alertmanager-config';

const reference = referenceAlertmanager();

describe('Alertmanager on this machine', () => {
  it('has the routes, inhibition and templates of the reference, word for word', () => {
    const { global, receivers, ...rest } = localAlertmanager(reference);
    expect({ ...reference, ...rest, global: reference.global }).toEqual(reference);
    expect(Object.keys(rest).sort()).toEqual(['inhibit_rules', 'route', 'templates']);
    expect(receivers.map(({ name }) => name)).toEqual(reference.receivers.map(({ name }) => name));
    expect(global).toEqual({ resolve_timeout: '5m' });
  });

  it('tells nobody, and has nothing of the addresses and secrets of the reference', () => {
    const text = alertmanagerYaml(localAlertmanager(reference));
    expect(text).not.toMatch(/_configs|https?:|example\.org|secrets|password|key/);
  });

  it('tells a webhook of everything and of its end, if one is given; a heartbeat has none', () => {
    const { receivers } = parse(alertmanagerYaml(localAlertmanager(reference, 'http://127.0.0.1:1/'))) as {
      receivers: { name: string }[];
    };
    expect(receivers).toHaveLength(reference.receivers.length);
    for (const { name, ...configs } of receivers) {
      expect(configs).toEqual({
        webhook_configs: [{ url: 'http://127.0.0.1:1/', send_resolved: name !== 'heartbeat' }],
      });
    }
  });
});
