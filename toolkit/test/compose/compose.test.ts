import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Ajv from 'ajv';
import { composeFile } from './files';
import { composeSchema, readRepo, run } from './tools';

const file = composeFile();

const validate = (value: unknown): string[] => {
  // The schema's formats ("duration") are for editors; docker-compose itself checks them below.
  const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: false });
  const check = ajv.compile(composeSchema());
  check(value);
  return (check.errors ?? []).map(({ instancePath, message }) => `${instancePath}: ${message ?? ''}`);
};

/** Only what is in `text` is known to Compose, whatever .env says here. */
const config = (text: string, ...args: string[]) => {
  const env = join(mkdtempSync(join(tmpdir(), 'submilli-compose-')), 'env');
  writeFileSync(env, text);
  return run('docker-compose', ['--env-file', env, 'config', ...args]);
};

describe('docker-compose.yml as Compose reads it', () => {
  it('follows the schema of the Compose Specification', () => {
    expect(validate(file)).toEqual([]);
  });

  it('would not with a key the specification does not know', () => {
    const etcd = { ...file.services.etcd, helthcheck: {} };
    expect(validate({ ...file, services: { etcd } })).toEqual(['/services/etcd: must NOT have additional properties']);
  });

  it('is accepted by docker-compose 1.29 with the example environment', () => {
    const { status, output } = config(readRepo('.env.example'), '--services');
    expect(output.trim().split('\n').sort()).toEqual(Object.keys(file.services).sort());
    expect(status).toBe(0);
  });

  it('is refused without secrets, by the name of the variable and with what to do', () => {
    const { status, output } = config('');
    expect(output).toMatch(/SUBMILLI_SECRETS.*node scripts\/make-secrets\.mjs/s);
    expect(status).not.toBe(0);
  });
});
