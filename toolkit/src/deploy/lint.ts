/** A file as the linter sees it. */
export type LintInput = {
  /** As findings name it. */
  readonly name: string;
  readonly kind: 'patroni' | 'pgbouncer' | 'userlist' | 'haproxy' | 'etcd' | 'pgbackrest';
  readonly text: string;
};

export type Finding = {
  readonly rule: string;
  readonly severity: 'error' | 'warning' | 'info';
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly message: string;
};

/** What is linted besides the files: the machine they are for, and whose versions read them. */
export type LintContext = {
  readonly machine: { readonly memory_mb: number; readonly cores: number; readonly storage: 'ssd' | 'hdd' };
  readonly versions: { readonly postgresql: number; readonly patroni: string };
};

export type Lint = (files: readonly LintInput[], context: LintContext) => readonly Finding[];

/** What a change brings: findings that were there before are somebody else's news. The same one may move its line. */
export const newFindings = (before: readonly Finding[], after: readonly Finding[]): Finding[] => {
  const known = new Set(before.map(({ rule, file, message }) => [rule, file, message].join('\0')));
  return after.filter(({ rule, file, message }) => !known.has([rule, file, message].join('\0')));
};

export const sayFinding = ({ rule, severity, file, line, column, message }: Finding): string =>
  `${severity}: ${file}:${line}:${column}: ${message} [${rule}]`;
