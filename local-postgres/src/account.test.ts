import { mkdirSync, mkdtempSync, rmSync, chmodSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { canReach } from './account';

describe('whether an account can reach a path', () => {
  const stranger = { name: 'stranger', uid: 4_000_001, gid: 4_000_001 };
  let home: string;

  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'submilli-reach-'));
    mkdirSync(join(home, 'inner'));
  });
  afterEach(() => rmSync(home, { recursive: true }));

  it('is no below a folder that is closed to others', () => {
    chmodSync(home, 0o700);
    expect(canReach(join(home, 'inner', 'data'), stranger)).toBe(false);
  });

  it('is yes below open folders, also where the last ones are not there yet', () => {
    chmodSync(home, 0o755);
    expect(canReach(join(home, 'inner', 'not', 'yet'), stranger)).toBe(true);
  });

  it('is always yes for ourselves', () => {
    chmodSync(home, 0o700);
    expect(canReach(join(home, 'inner'), undefined)).toBe(true);
  });
});
