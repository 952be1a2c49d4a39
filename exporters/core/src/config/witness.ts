import { z } from 'zod';
import { address, httpUrl, name, onePassword } from './shapes';

/** Authority and client certificate for HTTPS; read again at each new connection. */
const tls = {
  ca_file: z.string().min(1).optional(),
  cert_file: z.string().min(1).optional(),
  key_file: z.string().min(1).optional(),
};
const wholePair = {
  check: (entry: { cert_file?: string | undefined; key_file?: string | undefined }) =>
    (entry.cert_file === undefined) === (entry.key_file === undefined),
  message: 'cert_file and key_file together, or neither',
};

const folder = z.string().regex(/^\/(.*\/)?$/, 'a prefix of keys that begins and ends with /');

const etcd = z
  .strictObject({
    urls: z.array(httpUrl).min(1).max(9),
    ...tls,
    user: z.string().min(1).optional(),
    password: z.string().min(1).optional(),
    password_file: z.string().min(1).optional(),
    timeout_ms: z.number().int().min(50).max(5000).default(500),
  })
  .refine(onePassword.check, onePassword.message)
  .refine(wholePair.check, wholePair.message)
  .refine(
    ({ user, password, password_file }) =>
      (user === undefined) === (password === undefined && password_file === undefined),
    'user and a password (or password_file) together, or neither',
  );

/** One of the witnesses that remove a dead leader's key together (`submilli witness`). */
export const witness = z
  .strictObject({
    name,
    witnesses: z.array(name).min(3).max(9),
    scope: z.string().regex(/^[^/]+$/, 'the scope of Patroni, without /'),
    namespace: folder.default('/service/'),
    prefix: folder.default('/submilli/witness/'),
    etcd,
    patroni: z.strictObject(tls).refine(wholePair.check, wholePair.message).prefault({}),
    listen: address.default('127.0.0.1:9095'),
    checks: z.number().int().min(3).max(100).default(4),
    interval_ms: z.number().int().min(100).max(5000).default(250),
    timeout_ms: z.number().int().min(50).max(5000).default(250),
    cooldown_seconds: z.number().int().min(10).max(3600).default(60),
  })
  .superRefine(({ name: own, witnesses }, context) => {
    const complain = (message: string): void =>
      context.addIssue({ code: 'custom', path: ['witnesses'], message, input: witnesses });
    if (new Set(witnesses).size < witnesses.length) complain('each name once');
    if (witnesses.length % 2 === 0)
      complain('an odd number of names: an even one needs more to agree, and gains nothing');
    if (!witnesses.includes(own)) complain(`a list with this witness, ${own}, in it`);
  });

export type WitnessSettings = z.output<typeof witness>;
