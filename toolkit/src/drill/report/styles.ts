import { baseStyles } from '../../page/styles';

/** What a drill adds to the sheet of all pages. */
export const styles = `${baseStyles}
:root { --writes: #2f81f7; --failed: #d29922; --lost: #d1242f; --primary: #1a7f37; --standby: #b6c2cf; --silent: #8250df; --down: #59636e;
  --fault: #d2992226; --split: #d1242f55 }
@media (prefers-color-scheme: dark) { :root { --writes: #4493f8; --failed: #d29922; --lost: #f85149; --primary: #3fb950; --standby: #3d444d; --silent: #ab7df8; --down: #9198a1;
  --fault: #d299222e; --split: #f8514966 } }
.conditions { color: var(--soft); font-size: 13px }
.verdict.failed-drill { border-color: var(--bad) } .verdict.failed-drill strong { color: var(--bad) }
.events { font-size: 13px } svg .on { font-size: 11px }
svg .primary-text, svg .silent-text, svg .down-text { fill: var(--page) } svg .standby-text { fill: var(--ink) }
svg .mark { stroke: var(--failed); stroke-dasharray: 3 3 }
.writes { fill: var(--writes); background: var(--writes) } .failed { fill: var(--failed); background: var(--failed) } .lost { fill: var(--lost); background: var(--lost) }
.primary { fill: var(--primary); background: var(--primary) } .standby { fill: var(--standby); background: var(--standby) }
.silent { fill: var(--silent); background: var(--silent) } .down { fill: var(--down); background: var(--down) }
.fault { fill: var(--fault); background: var(--fault) } .split { fill: var(--split); background: var(--split) }
@media print { details { display: none } }
`;
