/** Names of a session's prepared statements, one for each text. */
export type PreparedNames = {
  /** Nothing once there are too many: texts that differ each time would fill the server's memory. */
  readonly of: (text: string) => string | undefined;
  /** The next one is prepared anew, under another name. */
  readonly forget: (text: string) => void;
};

const MOST = 100;

export const preparedNames = (most = MOST): PreparedNames => {
  const names = new Map<string, string>();
  let given = 0;
  return {
    of: (text) => {
      const known = names.get(text);
      if (known !== undefined || given >= most) return known;
      given += 1;
      const name = `submilli_${given}`;
      names.set(text, name);
      return name;
    },
    forget: (text) => void names.delete(text),
  };
};

/**
 * The columns that a prepared statement returns have changed since, as when an extension was updated: the server then
 * refuses it for good. Found by the name of the function that says so, as its words are in the server's language.
 */
export const isOutdatedPlan = (error: unknown): boolean =>
  error instanceof Error && 'routine' in error && error.routine === 'RevalidateCachedQuery';
