type Which = { readonly target: string; readonly database: string; readonly queryid: string };

/** Where a statement's page is. */
export const pathOf = ({ target, database, queryid }: Which): string =>
  [target, database, queryid].map(encodeURIComponent).join('/');
