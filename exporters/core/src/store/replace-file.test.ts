import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { replaceFile } from './replace-file';

describe('a file that is replaced as a whole', () => {
  let directory: string;
  beforeEach(() => (directory = mkdtempSync(join(tmpdir(), 'submilli-replace-'))));
  afterEach(() => rmSync(directory, { recursive: true }));

  it('has the new contents, and nothing is left beside it', () => {
    replaceFile(join(directory, 'state.json'), 'one\n');
    replaceFile(join(directory, 'state.json'), 'two\n');
    expect(readFileSync(join(directory, 'state.json'), 'utf8')).toBe('two\n');
    expect(readdirSync(directory)).toEqual(['state.json']);
  });

  it('that could not be replaced leaves no draft behind', () => {
    const path = join(directory, 'state.json');
    mkdirSync(path);
    expect(() => replaceFile(path, 'one\n')).toThrow();
    expect(readdirSync(directory)).toEqual(['state.json']);
  });
});
