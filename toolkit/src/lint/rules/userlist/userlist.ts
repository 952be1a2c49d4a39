import { example, type Hit, type Rule } from '../../rule';
import { filesOf } from '../../scene';

const SCRAM = /^SCRAM-SHA-256\$\d+:[A-Za-z\d+/=]+\$[A-Za-z\d+/=]+:[A-Za-z\d+/=]+$/;
const MD5 = /^md5[\da-f]{32}$/;
const verifier =
  'SCRAM-SHA-256$4096:c2FsdHNhbHRzYWx0c2FsdA==$c3RvcmVkc3RvcmVkc3RvcmVkc3RvcmVkc3RvcmVkc3Q=:c2VydmVyc2VydmVyc2VydmVyc2VydmVyc2VydmVyc2U=';

export const userlist: readonly Rule[] = [
  {
    id: 'userlist-plain-password',
    title: 'A password stands in userlist.txt as it is',
    ...{ severity: 'error', kinds: ['userlist'], fixable: false },
    source: 'PgBouncer, pgbouncer.ini(5): "Authentication file format"',
    why: 'Whoever reads the file, or a backup of it, can log in, here and wherever the password is used again.',
    fix: "The role’s verifier instead: SELECT rolpassword FROM pg_authid WHERE rolname = 'app';",
    bad: example({ userlist: '"app" "example"\n' }),
    good: example({ userlist: `"app" "${verifier}"\n` }),
    check: (scene) =>
      filesOf(scene, 'userlist').flatMap(({ users }) =>
        users
          .filter(({ secret }) => secret.text !== '' && !SCRAM.test(secret.text) && !MD5.test(secret.text))
          .map(({ name }) => ({ at: name, says: `the password of ${name.text} can be read` })),
      ),
  },
  {
    id: 'userlist-md5',
    title: 'An md5 hash stands in userlist.txt',
    ...{ severity: 'warning', kinds: ['userlist'], fixable: false },
    source: 'PgBouncer, pgbouncer.ini(5): "Authentication file format"',
    why: 'With md5 the hash is the password: whoever reads it can log in with it. The pool also cannot log in with it to a server that asks for SCRAM.',
    fix: 'password_encryption = scram-sha-256 in PostgreSQL, set the password anew, and put the new rolpassword here.',
    bad: example({ userlist: '"app" "md5d4e5f8f9c3a1b2d6e7f8a9b0c1d2e3f4"\n' }),
    good: example({ userlist: `"app" "${verifier}"\n` }),
    check: (scene) =>
      filesOf(scene, 'userlist').flatMap(({ users }) =>
        users
          .filter(({ secret }) => MD5.test(secret.text))
          .map(({ name }) => ({ at: name, says: `${name.text} has an md5 hash, which is as good as its password` })),
      ),
  },
  {
    id: 'userlist-twice',
    title: 'A user stands twice, or without a secret',
    ...{ severity: 'warning', kinds: ['userlist'], fixable: false },
    source: 'PgBouncer, pgbouncer.ini(5): "Authentication file format"',
    why: 'One of two lines holds, and nobody says which. With an empty secret nobody can log in as that user, unless the pool asks for none.',
    fix: 'One line for each user, with its verifier.',
    bad: example({ userlist: `"app" "${verifier}"\n"app" ""\n` }),
    good: example({ userlist: `"app" "${verifier}"\n` }),
    check: (scene) =>
      filesOf(scene, 'userlist').flatMap(({ users }) =>
        users.flatMap(({ name, secret }, i): Hit[] => {
          if (users.findIndex((other) => other.name.text === name.text) < i)
            return [{ at: name, says: `${name.text} stands above already` }];
          return secret.text === '' ? [{ at: secret, says: `${name.text} has no secret` }] : [];
        }),
      ),
  },
];
