import { spawn } from 'node:child_process';
import { join } from 'node:path';

const MEGABYTE = 1024 * 1024;
const program = `
  const { exitWith } = require(${JSON.stringify(join(__dirname, '..', 'dist', 'exit.js'))});
  process.stdout.write('x'.repeat(${MEGABYTE}));
  void exitWith(3);
`;

const run = (read: (stdout: NodeJS.ReadableStream) => void): Promise<number | null> =>
  new Promise((resolve) => {
    const child = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'inherit'] });
    read(child.stdout);
    child.once('exit', resolve);
  });

describe('the end of a command', () => {
  it('comes when a slow reader has all of what was printed', async () => {
    let taken = 0;
    const code = await run((stdout) => {
      setTimeout(() => stdout.on('data', (chunk: Buffer) => (taken += chunk.length)), 300);
    });
    expect({ code, taken }).toEqual({ code: 3, taken: MEGABYTE });
  });

  it('comes, too, when the reader has gone', async () => {
    expect(await run((stdout) => (stdout as unknown as { destroy: () => void }).destroy())).toBe(3);
  });
});
