/** The colours that every page has, for light and dark; paper is always light. */
const light = `--page: #fff; --ink: #1c2128; --soft: #59636e; --line: #d1d9e0; --panel: #f6f8fa; --accent: #0969da;
  --good: #1a7f37; --bad: #d1242f; --warn: #9a6700; --calm: #2f81f7; --amber: #d29922; --violet: #8250df; --gap: #59636e1f`;
const dark = `--page: #0d1117; --ink: #e6edf3; --soft: #9198a1; --line: #3d444d; --panel: #151b23; --accent: #4493f8;
  --good: #3fb950; --bad: #f85149; --warn: #d29922; --calm: #4493f8; --amber: #d29922; --violet: #ab7df8; --gap: #9198a129`;

/** One sheet for every page that the toolkit writes: text, tables, verdicts, pictures. */
export const baseStyles = `
:root { color-scheme: light dark; ${light} }
@media (prefers-color-scheme: dark) { :root { ${dark} } }
@media print { :root { color-scheme: light; ${light} } }
* { box-sizing: border-box }
body { margin: 0; background: var(--page); color: var(--ink); font: 15px/1.5 system-ui, sans-serif }
main { max-width: 1000px; margin: 0 auto; padding: 32px 20px 64px }
h1 { font-size: 26px; margin: 0 } h2 { font-size: 18px; margin: 36px 0 4px }
p { margin: 6px 0 } .sub, caption { color: var(--soft) }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums } caption { text-align: left; padding: 0 0 8px; font-size: 13px }
th, td { text-align: left; padding: 5px 14px 5px 0; border-bottom: 1px solid var(--line); vertical-align: top } thead th { color: var(--soft); font-weight: 500 }
tbody th { font-weight: 500 } td.bad { color: var(--bad); font-weight: 600 }
.verdict { margin: 18px 0; padding: 12px 16px; border-left: 4px solid var(--good); background: var(--panel) }
.verdict strong { margin-right: 10px; color: var(--good) }
.verdict ul { margin: 4px 0 0; padding-left: 18px }
details { margin-top: 8px } summary { cursor: pointer; color: var(--soft) }
.picture { overflow-x: auto } svg { width: 100%; min-width: 640px; height: auto; display: block; font: 12px system-ui, sans-serif }
svg text { fill: var(--soft) } svg .name { fill: var(--ink) }
svg .base, svg .tick { stroke: var(--line) }
.legend { list-style: none; display: flex; flex-wrap: wrap; gap: 4px 18px; padding: 0; margin: 14px 0 0; font-size: 13px; color: var(--soft) }
.legend i { display: inline-block; width: 12px; height: 12px; border-radius: 2px; margin-right: 6px; vertical-align: -1px }
`;
