import type { Setting } from '../../parse/place';
import { topOf } from '../../parse/place';
import { example, type Hit, type Rule } from '../../rule';
import { type EtcdFile, filesOf } from '../../scene';

export const etcdSetting = ({ settings }: EtcdFile, name: string): Setting | undefined =>
  settings.findLast((setting) => setting.name.text === name);

const etcd = (text: string) => example({ etcd: `name: etcd1\n${text}\n` });
const isYaml = ({ source }: EtcdFile): boolean => !/^\s*(export\s+)?ETCD_\w+=/m.test(source.text);
const remote = (urls: string): string[] =>
  urls.split(',').filter((url) => !/\/\/(localhost|127\.[\d.]+|\[::1\])(:|\/|$)/.test(url.trim()));

export const etcdRules: readonly Rule[] = [
  {
    id: 'etcd-members',
    title: 'The store does not survive the loss of a member, or not of more',
    ...{ severity: 'warning', kinds: ['etcd'], fixable: false },
    source: 'etcd, FAQ: Why an odd number of cluster members?',
    why: 'More than half of the members must agree. One alone, and two together, stop when one is lost; four bear no more than three, and six no more than five.',
    fix: 'Three members, or five, on machines of their own.',
    bad: etcd('initial-cluster: etcd1=http://10.0.0.1:2380,etcd2=http://10.0.0.2:2380'),
    good: etcd('initial-cluster: etcd1=https://10.0.0.1:2380,etcd2=https://10.0.0.2:2380,etcd3=https://10.0.0.3:2380'),
    check: (scene) =>
      filesOf(scene, 'etcd').flatMap((file): Hit[] => {
        const setting = etcdSetting(file, 'initial-cluster');
        const members = (setting?.value.text ?? '').split(',').filter((member) => member.includes('='));
        if (setting === undefined || members.length === 0 || (members.length >= 3 && members.length % 2 === 1))
          return [];
        const says =
          members.length < 3
            ? `${members.length} member(s): the loss of one stops the store`
            : `${members.length} members bear the loss of no more than ${members.length - 1}`;
        return [{ at: setting.value, says }];
      }),
  },
  {
    id: 'etcd-clear',
    title: 'Whoever reaches etcd decides who is primary',
    ...{ severity: 'error', kinds: ['etcd'], fixable: false },
    source: 'etcd, Transport security model',
    why: 'Over http there is no proof of who asks. Who can write the leader key can promote and demote, and read what Patroni keeps there.',
    fix: 'https in listen-client-urls and listen-peer-urls, with a section client-transport-security and peer-transport-security.',
    bad: etcd('listen-client-urls: http://10.0.0.1:2379'),
    good: etcd(
      'listen-client-urls: https://10.0.0.1:2379\nclient-transport-security:\n  cert-file: a\n  key-file: b\n  trusted-ca-file: c\n  client-cert-auth: true',
    ),
    check: (scene) =>
      filesOf(scene, 'etcd').flatMap((file) =>
        ['listen-client-urls', 'listen-peer-urls'].flatMap((name): Hit[] => {
          const setting = etcdSetting(file, name);
          const open = remote(setting?.value.text ?? '').filter((url) => url.trim().startsWith('http://'));
          return setting === undefined || open.length === 0
            ? []
            : [{ at: setting.value, says: `${open.join(', ')} is without TLS, and asks nobody who they are` }];
        }),
      ),
  },
  {
    id: 'etcd-client-certificates',
    title: 'Anybody with TLS may write',
    ...{ severity: 'error', kinds: ['etcd'], fixable: false },
    source: 'etcd, Transport security model: client-cert-auth',
    why: 'TLS alone tells clients who etcd is. Without client-cert-auth (or users) etcd takes writes from whoever connects.',
    fix: 'client-cert-auth: true with a trusted-ca-file of its own, for clients and peers.',
    bad: etcd('listen-client-urls: https://10.0.0.1:2379\nclient-transport-security:\n  cert-file: a\n  key-file: b'),
    good: etcd(
      'listen-client-urls: https://10.0.0.1:2379\nclient-transport-security:\n  cert-file: a\n  key-file: b\n  client-cert-auth: true',
    ),
    check: (scene) =>
      filesOf(scene, 'etcd').flatMap((file) =>
        (['client', 'peer'] as const).flatMap((who): Hit[] => {
          const urls = etcdSetting(file, `listen-${who}-urls`);
          const asks = etcdSetting(file, `${who}-transport-security.client-cert-auth`);
          if (urls === undefined || !remote(urls.value.text).some((url) => url.trim().startsWith('https://')))
            return [];
          return asks?.value.text === 'true'
            ? []
            : [{ at: asks?.value ?? urls.value, says: `${who}s need no certificate to write` }];
        }),
      ),
  },
  {
    id: 'etcd-election-timeout',
    title: 'etcd does not start, or elects all the time',
    ...{ severity: 'error', kinds: ['etcd'], fixable: false },
    source: 'etcd, Tuning: Time parameters',
    why: 'A leader that is silent for election-timeout is replaced; it must be at least five times heartbeat-interval (etcd refuses less), ten times the way to the farthest member and back, and not above 50 s.',
    fix: 'heartbeat-interval: 100, election-timeout: 1000 (the defaults, for one data centre).',
    bad: etcd('heartbeat-interval: 500\nelection-timeout: 1000'),
    good: etcd('heartbeat-interval: 100\nelection-timeout: 1000'),
    check: (scene) =>
      filesOf(scene, 'etcd').flatMap((file): Hit[] => {
        const [beat, election] = [etcdSetting(file, 'heartbeat-interval'), etcdSetting(file, 'election-timeout')];
        const [every, after] = [Number(beat?.value.text ?? 100), Number(election?.value.text ?? 1000)];
        const at = election?.value ?? beat?.value;
        if (at === undefined || (after >= 5 * every && after <= 50_000)) return [];
        return [
          {
            at,
            says:
              after > 50_000
                ? `an election-timeout of ${after} ms is above 50 s`
                : `election-timeout ${after} ms is less than 5 * heartbeat-interval ${every} ms`,
          },
        ];
      }),
  },
  {
    id: 'etcd-compaction',
    title: 'Every revision is kept',
    ...{ severity: 'warning', kinds: ['etcd'], fixable: false },
    source: 'etcd, Maintenance: History compaction',
    why: 'Patroni writes its lock every loop_wait. Without compaction each of those revisions stays, until the quota is reached and etcd takes no more writes: then nobody renews the lock.',
    fix: 'auto-compaction-mode: periodic, auto-compaction-retention: 15m',
    bad: etcd('listen-client-urls: http://127.0.0.1:2379'),
    good: etcd('auto-compaction-mode: periodic\nauto-compaction-retention: 15m'),
    check: (scene) =>
      filesOf(scene, 'etcd').flatMap((file): Hit[] => {
        const setting = etcdSetting(file, 'auto-compaction-retention');
        if (setting !== undefined && !setting.value.text.startsWith('0')) return [];
        return [
          {
            at: setting?.value ?? topOf(file.source),
            says: 'auto-compaction-retention is not set: every revision is kept',
          },
        ];
      }),
  },
  {
    id: 'etcd-gateway',
    title: 'Patroni cannot talk to this etcd',
    ...{ severity: 'warning', kinds: ['etcd'], fixable: false },
    source: 'etcd, Configuration options: enable-grpc-gateway; Patroni, YAML configuration: etcd3',
    why: 'Patroni speaks to etcd v3 through its JSON gateway, which is on by default on the command line and off in a configuration file.',
    fix: 'enable-grpc-gateway: true',
    bad: etcd('data-dir: /var/lib/etcd'),
    good: etcd('data-dir: /var/lib/etcd\nenable-grpc-gateway: true'),
    check: (scene) =>
      filesOf(scene, 'etcd').flatMap((file): Hit[] => {
        const setting = etcdSetting(file, 'enable-grpc-gateway');
        if (setting?.value.text === 'true' || (setting === undefined && !isYaml(file))) return [];
        return [
          {
            at: setting?.value ?? topOf(file.source),
            says: `enable-grpc-gateway is ${setting?.value.text ?? 'not set, which is off in a file'}: Patroni’s etcd3 has nothing to talk to`,
          },
        ];
      }),
  },
];
