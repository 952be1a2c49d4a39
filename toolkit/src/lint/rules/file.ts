import { example, type Rule } from '../rule';
import { kinds } from '../scene';
import { accessesOf } from '../view/access';

/** What is about a file of any kind. Those without a check here are found while files are read (run.ts). */
export const anyFile: readonly Rule[] = [
  {
    id: 'syntax',
    title: 'The file cannot be read',
    ...{ severity: 'error', kinds, fixable: false },
    source: 'the grammar of each program’s own parser',
    why: 'The program refuses the file, or reads something else than is meant. Everything else that can be said of the rest is said.',
    fix: 'What the message says is missing.',
    bad: example({ postgresql: 'shared_buffers = 2GB extra\n' }),
    good: example({ postgresql: 'shared_buffers = 2GB\n' }),
    check: (scene) =>
      [...scene.files.flatMap(({ broken }) => broken), ...accessesOf(scene).flatMap(({ broken }) => broken)].map(
        ({ place, what }) => ({ at: place, says: what }),
      ),
  },
  {
    id: 'suppression',
    title: 'A comment that silences a rule does not say which, or why',
    ...{ severity: 'warning', kinds, fixable: false },
    source: 'submilli lint --help',
    why: 'Who comes after must know whether the reason still holds. A comment without one counts for nothing.',
    fix: '# submilli-lint: ignore RULE why it is right here',
    bad: example({ pgbouncer: '[pgbouncer]\n; submilli-lint: ignore pgbouncer-query-timeout\nquery_timeout = 5\n' }),
    good: example({
      pgbouncer:
        '[pgbouncer]\n; submilli-lint: ignore pgbouncer-query-timeout nothing but a health check comes this way\nquery_timeout = 5\n',
    }),
    check: () => [],
  },
];
