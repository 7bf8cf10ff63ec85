/** Colours are named by what they are for. Every state's colour stands out from the page by 3:1, and texts by 4.5:1. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --page: #f7f7f4; --card: #ffffff; --text: #1c2426; --soft: #566064; --line: #dfe2df; --link: #17578f;
  --good: #23704f; --bad: #a8261c;
  --complete: #3d8f6f; --late: #2f74b8; --open: #6d7a80; --settled: #71877f; --empty: #71877f;
  --fewer: #a86a00; --taken: #8a4fa3; --missing: #c8372b; --track: #e9ebe8; --mark: #ffffff; --bars: #4d7f95;
}
@media screen and (prefers-color-scheme: dark) {
  :root {
    --page: #14181a; --card: #1b2124; --text: #e4e8e6; --soft: #9fabac; --line: #30383b; --link: #8fc1ec;
    --good: #7cc9a4; --bad: #ff9a8d;
    --complete: #4fa583; --late: #5b9fe0; --open: #8a989d; --settled: #7f958d; --empty: #7f958d;
    --fewer: #d59a35; --taken: #ba85d1; --missing: #f0695b; --track: #262d30; --mark: #10181a; --bars: #6fa3b8;
  }
}
* { box-sizing: border-box; margin: 0; }
html { -webkit-text-size-adjust: 100%; }
body {
  background: var(--page); color: var(--text); padding: 28px 16px 48px; overflow-wrap: anywhere;
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Noto Sans", sans-serif;
  font-variant-numeric: tabular-nums;
}
header, main { max-width: 1120px; margin: 0 auto; }
a { color: var(--link); text-underline-offset: 2px; text-decoration-thickness: 1px; }
.brand { font-weight: 600; letter-spacing: .01em; }
.brand span { color: var(--soft); font-weight: 400; margin-left: 6px; }
h1 {
  font-size: 26px; line-height: 1.2; font-weight: 650; letter-spacing: -.015em; margin: 18px 0 6px;
  text-wrap: balance;
}
h2 { font-size: 17px; line-height: 1.3; font-weight: 650; margin-bottom: 12px; }
h2 span { font-size: 13px; font-weight: 500; margin-left: 6px; }
h3 { font-size: 13px; font-weight: 600; margin-bottom: 4px; }
.lead { color: var(--soft); max-width: 65ch; }
.good { color: var(--good); } .bad { color: var(--bad); } .quiet { color: var(--soft); }
.wrong { list-style: none; padding: 0; margin-top: 14px; max-width: 90ch; text-wrap: pretty; }
.wrong li { display: flex; gap: 10px; padding: 5px 0; }
.wrong .sample { flex: none; margin-top: 4px; }
.wrong a { font-weight: 600; margin-right: 4px; }
section { background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: 18px; margin-top: 18px; }
table { border-collapse: collapse; width: 100%; font-size: 14px; }
th, td { text-align: left; vertical-align: baseline; padding: 6px 14px 6px 0; border-top: 1px solid var(--line); }
thead th { border-top: 0; padding-top: 0; color: var(--soft); font-size: 13px; font-weight: 500; }
thead th, td { overflow-wrap: normal; }
tbody th { font-weight: 500; }
th:last-child, td:last-child { padding-right: 0; }
.number { text-align: right; }
.facts { display: flex; flex-wrap: wrap; gap: 10px 32px; margin-bottom: 18px; }
dt { color: var(--soft); font-size: 13px; }
dd { font-size: 15px; }
dd small { color: var(--soft); font-size: 13px; margin-left: 4px; }
.pictures { display: grid; grid-template-columns: minmax(0, 1fr); gap: 22px 36px; }
.scale { display: grid; grid-template-columns: repeat(4, 1fr); padding-left: 52px; }
.scale { color: var(--soft); font-size: 12px; line-height: 18px; }
.strip { display: grid; grid-template-columns: 52px minmax(0, 1fr); }
.days { color: var(--soft); font-size: 12px; line-height: 18px; margin-top: -1.5px; white-space: nowrap; }
.days span { display: block; height: 18px; }
.cells, .chart { display: block; }
.chart { height: 56px; }
.note { color: var(--soft); font-size: 13px; margin: 6px 0 18px; }
.note:last-child { margin-bottom: 0; }
figure + figure { margin-top: 18px; }
figcaption { font-size: 13px; margin-bottom: 6px; }
figcaption b { font-weight: 600; margin-right: 4px; }
figcaption span { color: var(--soft); }
.chart { border-bottom: 1px solid var(--soft); }
.bars { fill: var(--bars); }
.grid { stroke: var(--line); fill: none; vector-effect: non-scaling-stroke; }
.axis { display: flex; justify-content: space-between; color: var(--soft); font-size: 12px; margin-top: 4px; }
.legend { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 310px), 1fr)); gap: 10px 28px; }
.legend dt { color: var(--text); font-size: 14px; display: flex; align-items: center; gap: 8px; }
.legend dd { color: var(--soft); font-size: 13px; padding-left: 22px; }
.symbols { position: absolute; }
.sample { display: block; }
.cell { fill: var(--track); }
.mark { stroke: var(--mark); stroke-width: 1.5; stroke-linecap: round; fill: none; }
.complete .cell { fill: var(--complete); }
.late .cell { fill: var(--late); }
.fewer .cell { fill: var(--fewer); }
.taken .cell { fill: var(--taken); }
.missing .cell { fill: var(--missing); }
.half { fill: var(--settled); }
.empty .mark { stroke: var(--empty); }
.open .cell, .backfill .cell { fill: none; stroke: var(--open); stroke-width: 2; }
.backfill .mark { stroke: var(--open); }
.pending .cell { opacity: .6; }
.before .cell { fill: none; }
.before .mark { stroke: var(--soft); stroke-width: 1; opacity: .6; }
@media (min-width: 960px) {
  body { padding-top: 40px; }
  section { padding: 22px 26px 24px; }
  .pictures { grid-template-columns: minmax(0, 6fr) minmax(0, 5fr); }
  .chart { height: 92px; }
}
@media (max-width: 500px) {
  body { padding-left: 12px; padding-right: 12px; }
  section { padding: 14px 12px; }
  .brand span { display: block; margin-left: 0; }
  .facts { display: block; }
  .facts div { display: grid; grid-template-columns: 7.5em minmax(0, 1fr); padding: 2px 0; align-items: baseline; }
  .facts small { display: block; margin-left: 0; }
  thead { position: absolute; clip-path: inset(50%); width: 1px; height: 1px; overflow: hidden; }
  table, tbody { display: block; }
  tbody tr { display: grid; grid-template-columns: minmax(0, 1fr) auto; gap: 1px 12px; padding: 8px 0; }
  tbody tr { border-top: 1px solid var(--line); }
  tbody tr:first-child { border-top: 0; padding-top: 0; }
  th, td { border: 0; padding: 0; }
  td:nth-child(2) { text-align: right; }
  td:nth-child(3) { text-align: left; }
  td.number { color: var(--soft); font-size: 13px; }
  td[data-label]::before { content: attr(data-label) " "; }
}
@media print {
  @page { margin: 14mm; }
  :root { color-scheme: light; --page: #ffffff; }
  body { padding: 0; font-size: 10pt; }
  section { border: 0; border-top: 1px solid var(--line); border-radius: 0; padding: 12pt 0 0; break-inside: avoid; }
  a { color: inherit; text-decoration: none; }
}
`;
