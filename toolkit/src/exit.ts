const flushed = (stream: NodeJS.WriteStream): Promise<void> =>
  new Promise((resolve) => {
    // Whoever read it is gone, and with it what was still to be read.
    stream.once('error', () => resolve());
    stream.write('', () => resolve());
  });

/**
 * Ends the process when all it printed has been taken. A pipe takes what it has room for; `process.exit` alone drops the
 * rest.
 */
export const exitWith = async (code: number): Promise<never> => {
  await Promise.all([process.stdout, process.stderr].map(flushed));
  return process.exit(code);
};
