import { finish, open, type Small, takeBack } from './small';

/** Run by killed.test.ts: does the deploy, or takes it back, and kills itself at the so-manieth point of it. */
const [root = '', to = '', at = '', direction = ''] = process.argv.slice(2);
let points = 0;
const between = (): void => {
  points += 1;
  if (points === Number(at)) process.kill(process.pid, 'SIGKILL');
};

const main = async (): Promise<void> => {
  const running = open(root, JSON.parse(to) as Small, between);
  await (direction === 'back' ? takeBack(running) : finish(running));
};
void main();
