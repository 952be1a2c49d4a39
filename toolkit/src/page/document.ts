import { escape } from './escape';

/** A page of its own: nothing is fetched and nothing runs, so it can be mailed, archived, or opened years later. */
export const document = ({
  title,
  styles,
  body,
}: {
  readonly title: string;
  readonly styles: string;
  readonly body: string;
}): string => `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escape(title)}</title>
<style>${styles}</style>
<main>
${body}
</main>
</html>
`;
