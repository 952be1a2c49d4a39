import { readFileSync } from 'node:fs';
import { messageOf, SubmilliError } from '@submilli/core';

/** Who we are to an HTTP server. Secrets are in files, read at each request, and never shown. */
export type Credentials = {
  readonly user?: string | undefined;
  readonly passwordFile?: string | undefined;
  readonly tokenFile?: string | undefined;
};

/** The header that says so; none without credentials. */
export const authorizationOf = ({ user, passwordFile, tokenFile }: Credentials): Readonly<Record<string, string>> => {
  if (tokenFile !== undefined) return { authorization: `Bearer ${secretIn(tokenFile)}` };
  if (user === undefined || passwordFile === undefined) return {};
  return { authorization: `Basic ${Buffer.from(`${user}:${secretIn(passwordFile)}`).toString('base64')}` };
};

/** Refuses what makes no sense before anything is asked. */
export const checkCredentials = ({ user, passwordFile, tokenFile }: Credentials, prefix: string): void => {
  if ((user === undefined) !== (passwordFile === undefined)) {
    throw new SubmilliError({ what: `--${prefix}-user and --${prefix}-password-file go together` });
  }
  if (user !== undefined && tokenFile !== undefined) {
    throw new SubmilliError({ what: `--${prefix}-user and --${prefix}-token-file are two ways to log in: give one` });
  }
};

/** A base URL without user and password: those would be in the list of processes and in logs. */
export const baseUrlOf = (text: string, option: string): string => {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !['http:', 'https:'].includes(url.protocol)) {
    throw new SubmilliError({ what: `${option} takes an http or https URL, as http://127.0.0.1:9090` });
  }
  if (url.username !== '' || url.password !== '') {
    throw new SubmilliError({
      what: `${option} has a user or password in it, which every process list shows`,
      hint: 'Take them out, and name the files that hold them: see --help.',
    });
  }
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}`;
};

const secretIn = (path: string): string => {
  let text: string;
  try {
    text = readFileSync(path, 'utf8').trim();
  } catch (cause) {
    throw new SubmilliError({ what: `cannot read the secret (${messageOf(cause)})`, where: path, cause });
  }
  if (text === '' || /\p{Cc}/u.test(text)) {
    throw new SubmilliError({ what: 'holds no secret: one line of text is expected', where: path });
  }
  return text;
};
