/** When whoever started this process and holds its standard input has ended, however they did. */
export const inputClosed = (): Promise<void> =>
  new Promise((done) => {
    process.stdin
      .on('end', done)
      .on('close', done)
      .on('error', () => done());
    process.stdin.resume();
  });
