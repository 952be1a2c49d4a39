import { messageOf } from '@submilli/core';
import { ourselves, takeLock } from '../../src/deploy/lock';

/** Run by lock.test.ts: says whether it got the lock, and lives on. */
try {
  takeLock(process.argv[2] ?? '', ourselves('deploy apply', new Date()));
  console.log('mine');
} catch (error) {
  console.log(messageOf(error));
}
setInterval(() => undefined, 1000);
