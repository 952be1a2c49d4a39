/** What scripts can tell apart. */
export const EXIT = {
  done: 0,
  /** By lint, by what the cluster is like, by who was asked; or `plan --exit-code` found something to do. Nothing was changed. */
  refused: 1,
  /** The command line or the configuration is wrong, or somebody does not answer. Nothing was changed. */
  failed: 2,
  /** It was not well afterwards, and everything is as it was. */
  rolledBack: 3,
  /** Something could not be taken back, or the cluster is not as it was: somebody has to look. */
  left: 4,
  /** By Ctrl-C, and everything is as it was. */
  interrupted: 130,
} as const;
