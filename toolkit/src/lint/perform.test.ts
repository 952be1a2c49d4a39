import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performLint } from './perform';

describe('files that are named', () => {
  let folder: string;
  let said: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'submilli-lint-'));
    jest.spyOn(console, 'log').mockImplementation((text: string) => void (said = text));
  });
  afterEach(() => {
    jest.restoreAllMocks();
    rmSync(folder, { recursive: true });
  });

  const isTold = (rule: string, config: string): boolean => {
    const patroni = join(folder, 'patroni.yml');
    writeFileSync(
      patroni,
      'scope: c\nname: a\nbootstrap:\n  dcs:\n    ttl: 6\n    loop_wait: 1\n    retry_timeout: 3\npostgresql: {}\n',
    );
    performLint({
      ...{ files: [patroni], config, openFiles: 1024, pgbouncerVersion: '1.18', failOn: 'never', ignore: [] },
      ...{ fix: false, write: false, live: false, json: true, sarif: false, stdin: () => '' },
    });
    return said.includes(`"rule": "${rule}"`);
  };

  it('are for the machine and the versions that Submilli’s own configuration names', () => {
    const config = join(folder, 'submilli.yml');
    expect(isTold('patroni-timers-raised', config)).toBe(true);
    writeFileSync(config, 'reference:\n  versions:\n    patroni: 3.0.2\n');
    expect(isTold('patroni-timers-raised', config)).toBe(false);
  });
});
