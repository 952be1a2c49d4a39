import { spawn } from 'node:child_process';
import { SubmilliError } from '@submilli/core';
import type { FileState } from '../../stack/durable';
import { tellingLine } from '../../stack/launch';
import type { Found, Machine } from '../machine';

const CONNECT_SECONDS = 10;
/** What a script of ours answers when a file is there that should not be. */
const EXISTS = 44;
/** ssh itself ends with this when it does not get there. */
const NOT_THERE = 255;

export const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

/** Each script is given to the remote shell as one text; `set -e` lets none go on after a failure. */
const SCRIPT = 'set -eu\nexport LC_ALL=C\n';

/** Mode, owner and size of each path, with its bytes; or whose its folder is; or that there is none. */
const readScript = (paths: readonly string[]): string =>
  `${SCRIPT}${paths
    .map((path) => {
      const [file, folder] = [quoted(path), quoted(path.replace(/\/[^/]*$/, '') || '/')];
      return (
        `if [ -e ${file} ]; then stat -Lc 'file %a %u %g %s' -- ${file}; cat -- ${file}; ` +
        `elif [ -d ${folder} ]; then stat -Lc 'folder %u %g' -- ${folder}; else echo none; fi`
      );
    })
    .join('\n')}\n`;

/** Ends a script when less has come than was sent: a connection that breaks looks like the end of the file. */
const whole = (bytes: number): string =>
  `[ "$(stat -c %s -- "$partial")" = ${bytes} ] || { echo 'it did not come whole' >&2; exit 1; }`;

/** A link stays a link. What is renamed is on the disk, and so is the name. */
const writeScript = (path: string, { content, mode, uid, gid }: FileState): string =>
  `${SCRIPT}real=$(readlink -f -- ${quoted(path)}) || { echo 'its folder is not there' >&2; exit 1; }
partial="$real.submilli-partial"
umask 077
rm -f -- "$partial"
trap 'rm -f -- "$partial"' EXIT
cat > "$partial"
${whole(content.length)}
[ "$(stat -c '%u:%g' -- "$partial")" = ${uid}:${gid} ] || chown ${uid}:${gid} -- "$partial"
chmod ${mode.toString(8)} -- "$partial"
sync -- "$partial"
mv -fT -- "$partial" "$real"
sync -- "$(dirname -- "$real")"
`;

const removeScript = (path: string): string =>
  `${SCRIPT}rm -f -- ${quoted(path)}\nsync -- "$(dirname -- ${quoted(path)})"\n`;

const claimScript = (path: string, text: string): string =>
  `${SCRIPT}partial=${quoted(path)}.$$
trap 'rm -f -- "$partial"' EXIT
umask 022
cat > "$partial"
${whole(Buffer.byteLength(text))}
sync -- "$partial"
if ln -T -- "$partial" ${quoted(path)} 2>/dev/null; then sync -- "$(dirname -- ${quoted(path)})"
elif [ -e ${quoted(path)} ]; then cat -- ${quoted(path)}; exit ${EXISTS}
else ln -T -- "$partial" ${quoted(path)}; fi
`;

const tidyScript = (path: string): string => `${SCRIPT}rm -f -- "$(readlink -f -- ${quoted(path)}).submilli-partial"\n`;

type Ended = { readonly code: number | null; readonly out: Buffer; readonly error: string };

/** A machine over the system's ssh, with the user's own configuration, keys and known hosts; never with a question. */
export const sshMachine = (name: string, url: string, configFile?: string): Machine => {
  const options = [
    'BatchMode=yes',
    `ConnectTimeout=${CONNECT_SECONDS}`,
    'ServerAliveInterval=5',
    'ServerAliveCountMax=3',
  ];
  const args = [
    ...(configFile === undefined ? [] : ['-F', configFile]),
    ...options.flatMap((one) => ['-o', one]),
    '-T',
    url,
  ];

  const shell = (script: string, input: Buffer | string): Promise<Ended> =>
    new Promise((resolve, reject) => {
      const child = spawn('ssh', [...args, script], { stdio: ['pipe', 'pipe', 'pipe'], detached: true });
      const out: Buffer[] = [];
      let error = '';
      child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
      child.stderr.setEncoding('utf8').on('data', (text: string) => (error += text));
      child.stdin.on('error', () => undefined); // its exit code tells
      child.stdin.end(input);
      child.on('error', (cause: NodeJS.ErrnoException) =>
        reject(
          cause.code === 'ENOENT' ? new SubmilliError({ what: 'ssh is not installed', where: name, cause }) : cause,
        ),
      );
      child.on('close', (code) => resolve({ code, out: Buffer.concat(out), error }));
    });

  const failed = ({ code, error }: Ended, what: string): SubmilliError => {
    const line = tellingLine(error) ?? `exit code ${String(code)}`;
    return code === NOT_THERE
      ? new SubmilliError({
          what: `no way to it over ssh: ${line}`,
          where: `${name} (${url})`,
          hint: `Try: ssh ${args.filter((one) => one !== '-T').join(' ')} true`,
        })
      : new SubmilliError({ what: `${what}: ${line}`, where: `${name} (${url})` });
  };

  const done = async (script: string, input: Buffer | string, what: string): Promise<Buffer> => {
    const ended = await shell(script, input);
    if (ended.code === 0) return ended.out;
    throw failed(ended, what);
  };

  return {
    name,
    title: url,
    read: async (paths) =>
      paths.length === 0 ? new Map() : parseFound(paths, await done(readScript(paths), '', 'its files can’t be read')),
    write: async (path, file) => {
      await done(writeScript(path, file), file.content, `${path} can’t be written`);
    },
    remove: async (path) => {
      await done(removeScript(path), '', `${path} can’t be removed`);
    },
    tidy: async (path) => {
      await done(tidyScript(path), '', `${path} can’t be tidied`);
    },
    run: async (command, purpose) => (await done(command.map(quoted).join(' '), '', `${purpose} failed`)).toString(),
    claim: async (path, text) => {
      const ended = await shell(claimScript(path, text), text);
      if (ended.code === 0) return undefined;
      if (ended.code === EXISTS) return ended.out.toString();
      throw failed(ended, `${path} can’t be written`);
    },
  };
};

/** The answer of `readScript`: a line for each path, and after that of a file its bytes. */
export const parseFound = (paths: readonly string[], answer: Buffer): Map<string, Found> => {
  const found = new Map<string, Found>();
  let at = 0;
  for (const path of paths) {
    const end = answer.indexOf(10, at);
    const [kind, ...fields] = answer.subarray(at, end).toString().split(' ');
    at = end + 1;
    if (kind === 'file') {
      const [mode = '', uid = '', gid = '', size = ''] = fields;
      const content = Buffer.from(answer.subarray(at, at + Number(size)));
      at += Number(size);
      found.set(path, { file: { content, mode: parseInt(mode, 8), uid: Number(uid), gid: Number(gid) } });
    } else if (kind === 'folder') {
      const [uid = '', gid = ''] = fields;
      found.set(path, { file: undefined, folder: { uid: Number(uid), gid: Number(gid) } });
    } else if (kind === 'none') found.set(path, { file: undefined, folder: undefined });
    else throw new SubmilliError({ what: 'its shell answers something else than was asked', where: path });
  }
  return found;
};
