import { createInterface } from 'node:readline/promises';

/** Asks on the terminal; undefined of somebody who leaves without an answer: Ctrl-C, Ctrl-D. */
export const answerTo = async (question: string): Promise<string | undefined> => {
  const rl = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return await new Promise((resolve, reject) => {
      rl.once('close', () => {
        process.stderr.write('\n');
        resolve(undefined);
      });
      rl.question(question).then((answer) => resolve(answer.trim()), reject);
    });
  } finally {
    rl.removeAllListeners('close').close();
  }
};

/** Yes, said in so many letters. */
export const saysYes = async (question: string): Promise<boolean> =>
  /^y(es)?$/i.test((await answerTo(`${question} [y/N] `)) ?? '');
