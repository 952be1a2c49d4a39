import { z } from 'zod';

/** What the sections of the configuration have in common. */

export const name = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, 'a name of letters, digits, dots, dashes and underscores')
  .max(63);

export const address = z
  .string()
  .regex(/^(\[[0-9a-fA-F:]+\]|[^:\s]+):\d{1,5}$/, 'host:port, for example 127.0.0.1:9091')
  .refine((text) => Number(text.slice(text.lastIndexOf(':') + 1)) <= 65_535, 'host:port with a port up to 65535')
  .nullable();

export const httpUrl = z
  .url({ protocol: /^https?$/, error: 'an http:// or https:// URL', abort: true })
  .refine((url) => {
    const { username, password } = new URL(url);
    return username === '' && password === '';
  }, 'a URL without user and password');

export const onePassword = {
  check: (entry: { password?: string | undefined; password_file?: string | undefined }) =>
    entry.password === undefined || entry.password_file === undefined,
  message: 'either password or password_file, not both',
};
