import type { ClusterTarget } from '@submilli/core';
import type { Endpoint, TlsFiles } from './get';

const fileOf = (target: ClusterTarget, key: `${'patroni' | 'etcd'}_${'ca' | 'cert' | 'key'}_file`) => {
  const path = target[key];
  return path === undefined ? undefined : { path, key };
};

const filesOf = (target: ClusterTarget, service: 'patroni' | 'etcd'): TlsFiles => ({
  ca: fileOf(target, `${service}_ca_file`),
  cert: fileOf(target, `${service}_cert_file`),
  key: fileOf(target, `${service}_key_file`),
});

/** Patroni's REST APIs, as the configuration names them. */
export const patroniEndpoints = (target: ClusterTarget): readonly Endpoint[] =>
  target.patroni.map((url) => ({
    ...{ url, address: new URL(url).host, service: 'Patroni', files: filesOf(target, 'patroni') },
    ...(target.patroni_user === undefined
      ? {}
      : {
          login: {
            user: target.patroni_user,
            password: target.patroni_password,
            password_file: target.patroni_password_file,
          },
        }),
  }));

/** The URLs of etcd's members: for clients, or for metrics only. */
export const etcdEndpoints = (target: ClusterTarget): readonly Endpoint[] =>
  target.etcd.map((url) => ({
    ...{ url, address: new URL(url).host, service: 'etcd', files: filesOf(target, 'etcd') },
  }));
