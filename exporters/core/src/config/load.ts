import { readFileSync } from 'node:fs';
import { dirname, isAbsolute, resolve } from 'node:path';
import type { z } from 'zod';
import { SubmilliError, messageOf } from '../errors';
import { type BackupSettings, configSchema, type Config, type ProbeSettings } from './schema';
import type { WitnessSettings } from './witness';
import { parseYaml } from './yaml';

export type Environment = Readonly<Record<string, string | undefined>>;

/** Reads, expands and validates a configuration file. Paths inside it become absolute, relative to the file. */
export const loadConfig = (path: string, environment: Environment = process.env): Config => {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw new SubmilliError({
      what: `cannot read the configuration (${messageOf(cause)})`,
      where: path,
      hint: 'Give the file with --config FILE, or set SUBMILLI_CONFIG.',
      cause,
    });
  }
  return absolutePaths(parseConfig(text, path, environment), dirname(resolve(path)));
};

/** Validates a configuration given as text; `where` names it in errors. Pure. */
export const parseConfig = (text: string, where: string, environment: Environment): Config => {
  const raw = parseYaml(text, where);
  const parsed = configSchema.safeParse(expand(raw, where, environment), { reportInput: true });
  if (!parsed.success) {
    const problems = parsed.error.issues.map(explainIssue);
    throw new SubmilliError({
      what: problems.join('\n  '),
      where,
      hint: 'Every key is explained in the submilli.yml that comes with Submilli; nothing was changed.',
    });
  }
  return parsed.data;
};

const explainIssue = (issue: z.core.$ZodIssue): string => {
  const path = issue.path.join('.') || '(top level)';
  if (issue.code === 'unrecognized_keys') {
    return `${path}: unknown key ${issue.keys.map(shownKey).join(', ')}`;
  }
  const secret = issue.path.some((part) => part === 'password' || part === 'patroni_password');
  // An entry as a whole may hold a password too, and so may a URL.
  const isShown = issue.input !== undefined && typeof issue.input !== 'object' && !secret && !isLogin(issue.input);
  const got = isShown ? ` (got ${JSON.stringify(issue.input)})` : '';
  return `${path}: expected ${issue.message.replace(/^(Invalid input: |Invalid option: )?(expected )?/i, '')}${got}`;
};

/** Where a colon was forgotten, the value is part of the key. */
const shownKey = (key: string): string => (/^[\w.-]+$/.test(key) ? `"${key}"` : 'that is not one word');

const isLogin = (input: unknown): boolean => typeof input === 'string' && input.includes('@');

/** Replaces `${NAME}` in every string by the environment's value; a name that isn't set is an error, not an empty string. */
const expand = (node: unknown, where: string, environment: Environment): unknown => {
  if (typeof node === 'string') {
    return node.replace(/\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g, (_, name: string) => {
      const value = environment[name];
      if (value === undefined) {
        throw new SubmilliError({
          what: `\${${name}} is used but the environment has no ${name}`,
          where,
          hint: `Set ${name}, or use a *_file key instead.`,
        });
      }
      return value;
    });
  }
  if (Array.isArray(node)) return node.map((item) => expand(item, where, environment));
  if (node !== null && typeof node === 'object') {
    return Object.fromEntries(Object.entries(node).map(([key, item]) => [key, expand(item, where, environment)]));
  }
  return node;
};

const absolutePaths = (config: Config, base: string): Config => {
  const absolute = <T extends string | null | undefined>(path: T): T =>
    typeof path === 'string' && !isAbsolute(path) ? (resolve(base, path) as T) : path;
  const files = <T extends Config['postgres'][number] | Config['pgbouncer'][number]>(target: T): T => ({
    ...target,
    password_file: absolute(target.password_file),
    sslrootcert: absolute(target.sslrootcert),
    sslcert: absolute(target.sslcert),
    sslkey: absolute(target.sslkey),
  });
  const probeFiles = (probe: ProbeSettings | undefined): ProbeSettings | undefined =>
    probe === undefined ? undefined : { ...probe, password_file: absolute(probe.password_file) };
  const httpsFiles = <T extends WitnessSettings['etcd'] | WitnessSettings['patroni']>(section: T): T => ({
    ...section,
    ca_file: absolute(section.ca_file),
    cert_file: absolute(section.cert_file),
    key_file: absolute(section.key_file),
  });
  const witnessFiles = (witness: WitnessSettings | null): WitnessSettings | null =>
    witness === null
      ? null
      : {
          ...witness,
          etcd: { ...httpsFiles(witness.etcd), password_file: absolute(witness.etcd.password_file) },
          patroni: httpsFiles(witness.patroni),
        };
  const backupFiles = (backup: BackupSettings | undefined): BackupSettings | undefined =>
    backup === undefined
      ? undefined
      : { ...backup, config: absolute(backup.config), verified_file: absolute(backup.verified_file) };
  return {
    ...config,
    web_config_file: absolute(config.web_config_file),
    state_directory: absolute(config.state_directory),
    postgres: config.postgres.map((target) => ({
      ...files(target),
      log: { ...target.log, directory: absolute(target.log.directory) },
      canary:
        target.canary === undefined
          ? undefined
          : { ...target.canary, password_file: absolute(target.canary.password_file) },
    })),
    pgbouncer: config.pgbouncer.map((target) => ({ ...files(target), probe: probeFiles(target.probe) })),
    clusters: config.clusters.map((cluster) => ({
      ...cluster,
      patroni_password_file: absolute(cluster.patroni_password_file),
      patroni_ca_file: absolute(cluster.patroni_ca_file),
      patroni_cert_file: absolute(cluster.patroni_cert_file),
      patroni_key_file: absolute(cluster.patroni_key_file),
      etcd_ca_file: absolute(cluster.etcd_ca_file),
      etcd_cert_file: absolute(cluster.etcd_cert_file),
      etcd_key_file: absolute(cluster.etcd_key_file),
      backup: backupFiles(cluster.backup),
      drills_directory: absolute(cluster.drills_directory),
    })),
    witness: witnessFiles(config.witness),
    reference: config.reference && {
      ...config.reference,
      deploy: { ...config.reference.deploy, ssh_config: absolute(config.reference.deploy.ssh_config) },
    },
  };
};
