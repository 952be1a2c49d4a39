// Makes what docker-compose.yml needs and does not have: a random password per role in .secrets/, and .env, which says
// where they are. What exists is left alone. Needs Node.js and nothing else.
//
//   node scripts/make-secrets.mjs
import { randomBytes } from 'node:crypto';
import { chmodSync, copyFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const names = ['superuser', 'replication', 'rewind', 'patroni', 'app', 'submilli', 'pgbouncer', 'grafana'];

const root = process.argv[2] ?? dirname(dirname(fileURLToPath(import.meta.url)));
const folder = join(root, '.secrets');

// Only its owner can enter the folder. A file in it can be read by all, because Compose mounts it into a container as it
// is, and there it is read by an ordinary user who is not its owner here.
mkdirSync(folder, { recursive: true });
chmodSync(folder, 0o700);
const made = names.filter((name) => {
  const path = join(folder, name);
  if (existsSync(path)) return false;
  writeFileSync(path, `${randomBytes(32).toString('base64url')}\n`, { mode: 0o444, flag: 'wx' });
  chmodSync(path, 0o444);
  return true;
});
console.log(made.length > 0 ? `made in ${folder}: ${made.join(', ')}` : `nothing to make: ${folder} is complete`);

const env = join(root, '.env');
if (!existsSync(env)) {
  copyFileSync(join(root, '.env.example'), env);
  console.log(`made ${env}`);
}
