import { hashSync } from 'bcryptjs';
import fc from 'fast-check';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { runs } from '../../test/fuzz';
import { SubmilliError } from '../errors';
import { basicAuth } from './basic-auth';
import { loadWebConfig, type WebConfig } from './web-config';

const directory = mkdtempSync(join(tmpdir(), 'submilli-web-'));
const file = join(directory, 'web.yml');
afterAll(() => rmSync(directory, { recursive: true }));

const load = (text: string): WebConfig => {
  writeFileSync(file, text);
  return loadWebConfig(file);
};
const refusalOf = (text: string): string | undefined => {
  try {
    load(text);
    return undefined;
  } catch (error) {
    if (!(error instanceof SubmilliError)) throw error;
    expect([error.where, error.hint]).toEqual([file, expect.stringMatching(/\w/)]);
    return error.message;
  }
};

/** Symbols and functions have none. */
const yamlOf = (value: unknown): string => {
  try {
    return stringify(value) ?? '';
  } catch {
    return '';
  }
};

const HASH = hashSync('s3cret', 4);

describe('a web configuration', () => {
  it('has whole bcrypt hashes, or is refused without them', () => {
    expect(load(`basic_auth_users: {prom: ${HASH}}`).basic_auth_users).toEqual({ prom: HASH });
    for (const part of [HASH.slice(0, -1), `${HASH}x`, '$2b$', '$2b$99$', 's3cret', HASH.replace('$04$', '$03$')]) {
      expect(refusalOf(stringify({ basic_auth_users: { prom: part } }))).toBe(
        `${file}: basic_auth_users.prom: expected a bcrypt hash`,
      );
    }
  });

  it('that is broken is refused without what stands there', () => {
    for (const text of [
      `basic_auth_users: {prom: "${HASH}`,
      `basic_auth_users: {prom:${HASH}}`,
      `prom:${HASH}\na: b`,
    ]) {
      const refusal = refusalOf(text);
      expect(refusal).toBeDefined();
      expect(refusal).not.toContain(HASH.slice(10));
    }
  });

  it('whatever it says, is taken or refused in a sentence', () => {
    const keys = ['tls_server_config', 'basic_auth_users', 'http_server_config', '__proto__', 'cert_file', 'prom'];
    const value = fc.letrec((tie) => ({
      any: fc.oneof(
        { maxDepth: 3 },
        fc.constantFrom<unknown>(null, 'a.pem', 'TLS13', 'RequireAnyClientCert', 1, true, [], ''),
        fc.anything({ maxDepth: 1 }),
        fc.dictionary(fc.constantFrom(...keys, 'key_file', 'client_auth_type', 'min_version'), tie('any')),
      ),
    })).any;
    fc.assert(
      fc.property(value, (content) => {
        expect(refusalOf(yamlOf(content)) ?? '').not.toContain('\n');
        expect(Object.keys(Object.prototype)).toEqual([]);
      }),
      runs(300),
    );
  });
});

describe('who gives user and password', () => {
  it('is let in by the right ones alone, whatever else the header says', async () => {
    const authenticate = basicAuth({ prom: HASH });
    const header = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`;
    expect(await authenticate(header('prom:s3cret'), 'a')).toBe('known');
    const user = fc.constantFrom('prom', '__proto__', 'constructor', '', 'prom\0');
    const any = fc.oneof(
      fc
        .tuple(user, fc.string({ unit: 'binary', maxLength: 100 }))
        .map(([name, password]) => header(`${name}:${password}`)),
      fc.string(),
      fc.string().map((text) => `Basic ${text}`),
      user.map(header),
      fc.constantFrom(header('prom:s3cret '), header('Prom:s3cret'), header('prom:s3cret\0'), 'Bearer s3cret', 'Basic'),
    );
    await fc.assert(
      fc.asyncProperty(any, async (authorization) => {
        fc.pre(authorization !== header('prom:s3cret'));
        expect(await authenticate(authorization, 'a')).toBe('unknown');
      }),
      runs(10),
    );
    expect(await authenticate(undefined, 'a')).toBe('unknown');
  });
});
