/** One sheet for light and dark. */
export const styles = `
:root { color-scheme: light dark; --page: #fff; --ink: #1c2128; --soft: #59636e; --line: #d1d9e0; --panel: #f6f8fa;
  --writes: #2f81f7; --failed: #d29922; --lost: #d1242f; --primary: #1a7f37; --standby: #b6c2cf; --silent: #8250df; --down: #59636e;
  --fault: #d2992226; --split: #d1242f55; --good: #1a7f37; --bad: #d1242f; }
@media (prefers-color-scheme: dark) { :root { --page: #0d1117; --ink: #e6edf3; --soft: #9198a1; --line: #3d444d; --panel: #151b23;
  --writes: #4493f8; --failed: #d29922; --lost: #f85149; --primary: #3fb950; --standby: #3d444d; --silent: #ab7df8; --down: #9198a1;
  --fault: #d299222e; --split: #f8514966; --good: #3fb950; --bad: #f85149; } }
* { box-sizing: border-box }
body { margin: 0; background: var(--page); color: var(--ink); font: 15px/1.5 system-ui, sans-serif }
main { max-width: 1000px; margin: 0 auto; padding: 32px 20px 64px }
h1 { font-size: 26px; margin: 0 } h2 { font-size: 18px; margin: 36px 0 4px }
p { margin: 6px 0 } .sub, .conditions, caption { color: var(--soft) }
.conditions { font-size: 13px }
.verdict { margin: 18px 0; padding: 12px 16px; border-left: 4px solid var(--good); background: var(--panel) }
.verdict strong { margin-right: 10px; color: var(--good) }
.verdict.failed-drill { border-color: var(--bad) } .verdict.failed-drill strong { color: var(--bad) }
.verdict ul { margin: 4px 0 0; padding-left: 18px }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums } caption { text-align: left; padding: 0 0 8px; font-size: 13px }
th, td { text-align: left; padding: 5px 14px 5px 0; border-bottom: 1px solid var(--line); vertical-align: top } thead th { color: var(--soft); font-weight: 500 }
tbody th { font-weight: 500 } td.bad { color: var(--bad); font-weight: 600 }
.events { font-size: 13px } details { margin-top: 8px } summary { cursor: pointer; color: var(--soft) }
.picture { overflow-x: auto } svg { width: 100%; min-width: 640px; height: auto; display: block; font: 12px system-ui, sans-serif }
svg text { fill: var(--soft) } svg .name { fill: var(--ink) } svg .on { font-size: 11px }
svg .primary-text, svg .silent-text, svg .down-text { fill: var(--page) } svg .standby-text { fill: var(--ink) }
svg .base, svg .tick { stroke: var(--line) } svg .mark { stroke: var(--failed); stroke-dasharray: 3 3 }
.writes { fill: var(--writes); background: var(--writes) } .failed { fill: var(--failed); background: var(--failed) } .lost { fill: var(--lost); background: var(--lost) }
.primary { fill: var(--primary); background: var(--primary) } .standby { fill: var(--standby); background: var(--standby) }
.silent { fill: var(--silent); background: var(--silent) } .down { fill: var(--down); background: var(--down) }
.fault { fill: var(--fault); background: var(--fault) } .split { fill: var(--split); background: var(--split) }
.legend { list-style: none; display: flex; flex-wrap: wrap; gap: 4px 18px; padding: 0; margin: 14px 0 0; font-size: 13px; color: var(--soft) }
.legend i { display: inline-block; width: 12px; height: 12px; border-radius: 2px; margin-right: 6px; vertical-align: -1px }
@media print { details { display: none } }
`;
