import type { BackupType, Repository } from '@submilli/ha';

/** How often which backups are made, in seconds from the end of the last; none before `from`, a time. */
export type Policy = { readonly full: number; readonly incremental: number; readonly from: number };

/** What a repository is due for now; undefined: nothing yet. */
export const dueType = (
  { backups }: Repository,
  { full, incremental, from }: Policy,
  now: number,
): BackupType | undefined => {
  if (now < from) return undefined;
  const last = backups.at(-1);
  const lastFull = backups.findLast(({ type }) => type === 'full');
  if (last === undefined || lastFull === undefined || now - lastFull.stop >= full) return 'full';
  return now - last.stop >= incremental ? 'incr' : undefined;
};
