/** The reason beside each setting in the text of a patroni.yml, by its name. */
export const whysIn = (text: string): Map<string, string> =>
  new Map(
    [...text.matchAll(/^\s+([\w.]+): +(?:'[^']*'|[^\s#]+) +# (.+)$/gm)].map(([, name = '', why = '']) => [name, why]),
  );
