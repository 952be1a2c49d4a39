import { readFileSync } from 'node:fs';
import { SubmilliError, messageOf } from '../errors';

export type SecretSource = { readonly password?: string | undefined; readonly password_file?: string | undefined };

/** The password, read anew at each call, so that a rotated file takes effect at the next connection. */
export const readPassword = ({ password, password_file }: SecretSource, where: string): string | undefined => {
  if (password_file === undefined) return password;
  return readFile(password_file, where, 'password_file').trimEnd();
};

/** A file named by the configuration; failing names the key and the path, never the contents. */
export const readFile = (path: string, where: string, key: string): string => {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new SubmilliError({
      what: `cannot read ${key} ${path} (${messageOf(cause)})`,
      where,
      hint: 'Check that the file exists and that the exporter’s user may read it.',
      cause,
    });
  }
};
