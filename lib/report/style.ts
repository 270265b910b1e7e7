/** How the report looks: on a light and a dark screen, in a narrow window, on paper. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --page: #ffffff; --box: #f5f7f9; --line: #d5dbe1; --text: #1c2127; --quiet: #59636e;
  --up: #5fb98a; --held: #d99a00; --lossy: #8250df; --down: #b3202a; --unknown: #b3bcc6;
  --trip: #1f6fc4; --warning: #8a5a00; --error: #b3202a;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #14181d; --box: #1e242b; --line: #353e48; --text: #e3e8ed; --quiet: #98a3ae;
    --up: #3f8f68; --held: #e3b341; --lossy: #b392f0; --down: #ff6b70; --unknown: #5a6571;
    --trip: #6cb0f5; --warning: #e3b341; --error: #ff8589;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; padding: 1.5rem 1.25rem 3rem; max-width: 72rem; background: var(--page);
  color: var(--text); font: 15px/1.5 system-ui, "DejaVu Sans", sans-serif;
}
h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 .25rem; overflow-wrap: anywhere; }
h2 { font-size: 1.15rem; margin: 2.25rem 0 .75rem; }
header p, .quiet, small { color: var(--quiet); }
header p { margin: 0; }
figure { margin: 0; }
dl.summary { display: grid; grid-template-columns: repeat(auto-fit, minmax(13rem, 1fr)); gap: .75rem; margin: 1.5rem 0 0; }
dl.summary > div { background: var(--box); border: 1px solid var(--line); border-radius: 6px; padding: .7rem .9rem; }
dt { color: var(--quiet); font-size: .9rem; }
dd { margin: 0; overflow-wrap: anywhere; }
dd strong { display: block; font-size: 1.45rem; line-height: 1.35; font-weight: 600; }
.row { display: grid; grid-template-columns: 15rem 1fr 4.75rem; gap: .75rem; align-items: center; padding: .15rem 0; }
.row svg { display: block; width: 100%; height: 20px; }
.row .name { overflow-wrap: anywhere; line-height: 1.25; }
.row .figure, .number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.ticks { position: relative; height: 1.4rem; color: var(--quiet); font-size: .8rem; }
.ticks span { position: absolute; transform: translateX(-50%); white-space: nowrap; }
.legend { display: flex; flex-wrap: wrap; gap: .3rem 1.25rem; margin-top: .5rem; color: var(--quiet); font-size: .9rem; }
.legend span { display: inline-flex; align-items: center; gap: .4rem; }
.legend svg { width: 24px; height: 20px; }
rect.up { fill: var(--up); } rect.held { fill: var(--held); } rect.lossy { fill: var(--lossy); }
rect.down, rect.lost { fill: var(--down); } rect.unknown { fill: var(--unknown); }
line.grid { stroke: var(--line); stroke-width: 1; vector-effect: non-scaling-stroke; }
path.peaks { fill: none; stroke: var(--trip); stroke-opacity: .4; stroke-width: 1.5; vector-effect: non-scaling-stroke; }
path.trip { fill: none; stroke: var(--trip); stroke-width: 1.5; stroke-linejoin: round; vector-effect: non-scaling-stroke; }
.curves { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 26rem), 1fr)); gap: 1.5rem 2rem; }
.curve figcaption { overflow-wrap: anywhere; margin-bottom: .35rem; }
.figures { color: var(--quiet); font-size: .9rem; }
.plot { position: relative; border-bottom: 1px solid var(--line); }
.plot svg { display: block; width: 100%; height: 90px; background: var(--box); }
.plot.loss svg { height: 28px; }
.scale { position: absolute; left: .35rem; top: .1rem; font-size: .75rem; line-height: 1.3; color: var(--quiet); }
table { width: 100%; min-width: 36rem; border-collapse: collapse; }
th, td { text-align: left; vertical-align: top; padding: .35rem .75rem .35rem 0; border-bottom: 1px solid var(--line); overflow-wrap: break-word; max-width: 24rem; }
th:last-child, td:last-child { padding-right: 0; }
thead th { color: var(--quiet); font-weight: 500; font-size: .9rem; }
tbody th { font-weight: 500; }
table.long tbody th { white-space: nowrap; font-variant-numeric: tabular-nums; font-weight: 400; }
tr.moved td:nth-child(4) { font-weight: 600; }
td.warning { color: var(--warning); } td.error { color: var(--error); }
.wide { overflow-x: auto; margin-top: 1.25rem; }
h2 + .wide { margin-top: 0; }
footer { margin-top: 2.5rem; color: var(--quiet); font-size: .9rem; }
@media (max-width: 44rem) {
  .row { grid-template-columns: 1fr 4.75rem; gap: .1rem .5rem; }
  .row .name { grid-column: 1 / -1; }
  .row.axis > span { display: none; }
}
@media screen and (max-width: 44rem) {
  table.long { min-width: 0; }
  table.long thead { display: none; }
  table.long tr { display: block; padding: .5rem 0; border-bottom: 1px solid var(--line); }
  table.long th, table.long td { display: block; max-width: none; padding: 0; border: 0; text-align: left; }
  table.long tbody th { color: var(--quiet); }
  table.long td.number { white-space: normal; }
  td[data-name]::before { content: attr(data-name) ": "; color: var(--quiet); }
}
@media print {
  :root {
    color-scheme: light;
    --page: #ffffff; --box: #f5f7f9; --line: #c5ccd3; --text: #000000; --quiet: #444c54;
    --up: #5fb98a; --held: #d99a00; --lossy: #8250df; --down: #b3202a; --unknown: #b3bcc6;
    --trip: #1f6fc4; --warning: #8a5a00; --error: #b3202a;
  }
  @page { margin: 14mm; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  :root { font-size: 10pt; }
  body { padding: 0; max-width: none; font-size: .95rem; }
  dl.summary { grid-template-columns: repeat(4, 1fr); }
  h2 { break-after: avoid; }
  .row, .curve, tr, dl.summary > div { break-inside: avoid; }
  thead { display: table-header-group; }
  .row { grid-template-columns: 12rem 1fr 4.5rem; }
  .curves { grid-template-columns: 1fr 1fr; }
  .wide { overflow: visible; }
  table { min-width: 0; }
  th, td { overflow-wrap: anywhere; }
}
`;
