import { parseDocument } from 'yaml';
import { lint as lintFiles } from '../lint/run';
import type { FileKind } from '../lint/scene';
import type { Dcs } from './dcs';
import type { Lint, LintInput } from './lint';
import type { Live } from './live';
import { keyOf, type Wanted, type WantedFile } from './wanted';

/** As Debian 12 has it; which one runs is asked of its console, and decides nothing else here. */
const PGBOUNCER = '1.18';
const OPEN_FILES = 1024;

/** `submilli lint`, for what is about to be there. */
export const lint: Lint = (files, { machine, versions }) => {
  const given = files.map(({ name, kind, text }) => ({ kind, source: { path: name, text } }));
  const context = { machine, versions: { ...versions, pgbouncer: PGBOUNCER }, openFiles: OPEN_FILES };
  return lintFiles(given, context, () => undefined).findings.map(({ rule, severity, place, line, column, says }) => ({
    ...{ rule: rule.id, severity, file: place.source.path, line, column, message: says },
  }));
};

const KINDS: Readonly<Record<string, LintInput['kind'] & FileKind>> = {
  ...{ 'pgbouncer.ini': 'pgbouncer', 'userlist.txt': 'userlist', 'haproxy.cfg': 'haproxy' },
};

const kindOf = ({ path, part }: WantedFile): LintInput['kind'] | undefined => {
  if (part.of !== undefined && part.is === 'configuration' && part.of.kind === 'member') return 'patroni';
  if (part.of !== undefined && part.is === 'configuration' && part.of.kind === 'etcd') return 'etcd';
  if (/\/pgbackrest(\/[^/]+)?\.conf$/.test(path)) return 'pgbackrest'; // one for each member of a stack
  return KINDS[path.split('/').at(-1) ?? ''];
};

/** Where a cluster is there already, what counts is in its store: the section it began with is only history. */
const withDcs = (text: string, dcs: Dcs): string => {
  const document = parseDocument(text);
  document.setIn(['bootstrap', 'dcs'], dcs);
  return document.toString({ lineWidth: 0 });
};

/** What is wanted, and what is there of the same files. */
export const lintInputs = (wanted: Wanted, live: Live): { before: LintInput[]; after: LintInput[] } => {
  const files = wanted.files.flatMap((file) => {
    const kind = kindOf(file);
    return kind === undefined ? [] : [{ file, kind, name: keyOf(file), there: live.files.get(keyOf(file))?.file }];
  });
  return {
    after: files.map(({ file, kind, name }) => ({ name, kind, text: file.content.toString() })),
    before: files.flatMap(({ kind, name, there }) => {
      if (there === undefined) return [];
      const text = there.content.toString();
      return [{ name, kind, text: kind === 'patroni' ? withDcs(text, live.dcs) : text }];
    }),
  };
};
