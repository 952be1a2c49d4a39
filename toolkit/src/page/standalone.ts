import { plotStyles } from './plot';

/** Mid tones that can be read on a white page and on a dark one; the background is the page's own. */
const tones: Readonly<Record<string, string>> = {
  ...{ soft: '#7a828c', line: '#8b949e44', gap: '#8b949e1f' },
  ...{ calm: '#2f81f7', amber: '#d29922', warn: '#d29922', bad: '#e5534b', violet: '#8957e5' },
};

/** A picture of a page as a file of its own, for pages that bring no styles, such as those of the documentation. */
export const standalone = (picture: string, styles = ''): string => {
  const sheet =
    `svg { font: 12px system-ui, sans-serif } svg text { fill: var(--soft) } svg .tick { stroke: var(--line) }
${plotStyles}${styles}`.replaceAll(/var\(--(\w+)\)/g, (_, name: string) => tones[name] ?? 'currentColor');
  return `${picture.replace('<svg ', '<svg xmlns="http://www.w3.org/2000/svg" ').replace('>', `>\n<style>${sheet}</style>`)}\n`;
};
