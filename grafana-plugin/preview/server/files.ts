import { createReadStream, statSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { extname, join, normalize } from 'node:path';

const types: Readonly<Record<string, string>> = {
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.json': 'application/json',
  '.map': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.md': 'text/markdown',
  '.woff2': 'font/woff2',
};

/** Sends a file of a folder, and nothing from outside it. False if there is none. */
export const sendFile = (response: ServerResponse, folder: string, path: string): boolean => {
  const file = join(folder, normalize(`/${path}`));
  const found = statSync(file, { throwIfNoEntry: false });
  if (found?.isFile() !== true) return false;
  response.writeHead(200, {
    'content-type': types[extname(file)] ?? 'application/octet-stream',
    'content-length': found.size,
    'cache-control': 'no-cache',
  });
  createReadStream(file).pipe(response);
  return true;
};
