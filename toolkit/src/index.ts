/** Pictures and tables of pages, for others that write pages. */
export { bars, barStyles, type Bars } from './page/bars';
export { markdownRows, plain } from './page/markdown-table';
export { dotStyles, type Ink, plot, type Plot } from './page/plot';
export { standalone } from './page/standalone';
export { logTicks, roundTicks } from './page/svg';
export { short } from './report/words';
