import { plotStyles } from '../../page/plot';
import { baseStyles } from '../../page/styles';

/** What a report adds to the sheet of all pages. */
export const styles = `${baseStyles}${plotStyles}
h3 { font-size: 15px; margin: 22px 0 2px } .note, .soft, figcaption { color: var(--soft) } .note { font-size: 13.5px }
.good { color: var(--good) } .bad { color: var(--bad) } .neutral { color: inherit }
.headlines { list-style: none; margin: 18px 0; padding: 12px 16px; background: var(--panel); border-left: 4px solid var(--calm) }
.headlines li { padding: 2px 0 2px 22px; text-indent: -22px } .headlines li::before { display: inline-block; width: 22px; text-indent: 0; font-weight: 700 }
.headlines li.bad { color: inherit } .headlines li.bad::before { content: "▼"; color: var(--bad) } .headlines li.good { color: inherit } .headlines li.good::before { content: "✓"; color: var(--good) }
.headlines li.neutral::before { content: "•"; color: var(--soft) }
.scroll { overflow-x: auto } th.right, td.right { text-align: right } td.right { white-space: nowrap } tbody th { white-space: nowrap; text-align: left }
figure { margin: 10px 0 4px } figcaption { font-size: 13px; margin-bottom: 2px }
code { font: 12.5px/1.45 ui-monospace, monospace; overflow-wrap: anywhere } td code { display: block; max-width: 420px }
.incident { margin: 14px 0; padding: 10px 16px; background: var(--panel); border-left: 4px solid var(--amber) } .incident.critical { border-color: var(--bad) }
.incident h3 { margin: 0 } .incident ol, .incident ul { margin: 4px 0 8px; padding-left: 22px } .incident p { margin: 6px 0 0 }
.unknown { font-size: 13.5px; color: var(--soft) } footer { margin-top: 40px; padding-top: 10px; border-top: 1px solid var(--line); color: var(--soft); font-size: 13px }
@media (max-width: 700px) { .scroll td { min-width: 5.5em } .scroll td:last-child { min-width: 9em } }
@media print { main { max-width: none; padding: 0 } .incident, figure, tr { break-inside: avoid } h2, h3 { break-after: avoid } .picture, .scroll { overflow: visible } svg { min-width: 0 } body { font-size: 12px } }
svg .filled { fill: var(--calm); opacity: .55 } svg .hover { fill: transparent }
`;
