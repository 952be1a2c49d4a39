import { spawn } from 'node:child_process';
import type { Told } from '../../src/fire/cell';
import { submilliBin } from '../../src/stack/layout';
import type { World } from './world';

/** A report of Prometheus by way of the proxy before it: the command is another process, which the proxy outlives. */
const report = (url: string, ca: string): Promise<{ readonly status: number | null; readonly output: string }> =>
  new Promise((resolve) => {
    const args = [submilliBin, 'report', '--prometheus', url, '--prometheus-only', '--prometheus-ca-file', ca];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'], cwd: '/' });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => (output += text));
    }
    child.on('close', (status) => resolve({ status, output }));
  });

/** What a command says otherwise than the table. */
export const wrongInCommand = async (
  { proxies, certificates }: World,
  { status, says, tls }: Told,
): Promise<readonly string[]> => {
  const { host, port } = proxies.prometheus;
  const told = await report(`${tls === undefined ? 'http' : 'https'}://${host}:${port}`, certificates.ca);
  return [
    ...(told.status === status ? [] : [`it ends with ${told.status}`]),
    ...(new RegExp(says).test(told.output) ? [] : [`it says: ${told.output}`]),
  ];
};
