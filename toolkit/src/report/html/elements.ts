import { escape } from '../../page/escape';

/** Markup that is already safe. */
export type Markup = { readonly html: string };
export const markup = (html: string): Markup => ({ html });

type Cell = string | Markup;
const inside = (cell: Cell): string => (typeof cell === 'string' ? escape(cell) : cell.html);

export type Column = { readonly name: string; readonly right?: boolean };

/** A table that scrolls by itself where the page is narrow. Rows' first cell is their head. */
export const table = (columns: readonly Column[], rows: readonly (readonly Cell[])[]): string => {
  const side = (i: number): string => (columns[i]?.right === true ? ' class="right"' : '');
  const head = columns.map(({ name }, i) => `<th scope="col"${side(i)}>${escape(name)}</th>`).join('');
  const body = rows.map(
    (cells) =>
      `<tr>${cells.map((cell, i) => (i === 0 ? `<th scope="row">${inside(cell)}</th>` : `<td${side(i)}>${inside(cell)}</td>`)).join('')}</tr>`,
  );
  return `<div class="scroll"><table><thead><tr>${head}</tr></thead><tbody>${body.join('\n')}</tbody></table></div>`;
};

export const section = (id: string, title: string, ...parts: readonly string[]): string =>
  `<section id="${id}">\n<h2>${escape(title)}</h2>\n${parts.filter((part) => part !== '').join('\n')}\n</section>`;

export const note = (text: string): string => `<p class="note">${escape(text)}</p>`;
export const toned = (tone: 'good' | 'bad' | 'neutral', text: string): Markup =>
  markup(`<span class="${tone}">${escape(text)}</span>`);
export const muted = (text: string): Markup => markup(`<span class="soft">${escape(text)}</span>`);
export const code = (text: string): Markup => markup(`<code>${escape(text)}</code>`);
export const figure = (svg: string, caption: string): string =>
  `<figure><figcaption>${escape(caption)}</figcaption><div class="picture">${svg}</div></figure>`;
export const ABSENT = '–';
