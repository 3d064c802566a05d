import { pageColors } from './pageParts.ts';

/** The style of a plan's page, by day and by night. */
export const pageStyle: string = `
${pageColors}
body { margin: 0; height: 100vh; display: grid; grid-template: auto 1fr / minmax(0, 1fr) minmax(300px, 420px); background: var(--back); color: var(--text); font: 14px/1.45 system-ui, sans-serif }
header { grid-column: 1 / -1; display: flex; gap: 8px; align-items: center; padding: 8px 14px; background: var(--panel); border-bottom: 1px solid var(--line) }
h1 { font-size: 15px; margin: 0; white-space: nowrap }
header .facts { color: var(--faint); flex: 1; overflow: hidden; text-overflow: ellipsis; white-space: nowrap }
header input { width: 220px; padding: 4px 9px; border: 1px solid var(--line); border-radius: 6px; background: var(--back) }
main { overflow: hidden; position: relative }
svg { width: 100%; height: 100%; display: block; cursor: grab; touch-action: none; user-select: none }
svg.hidden { display: none }
button[aria-pressed=true] { border-color: var(--accent); color: var(--accent) }
.rounds { position: absolute; inset: 0; overflow: auto; padding: 14px 18px }
.rounds[hidden] { display: none }
.rounds table { table-layout: fixed; max-width: 1500px }
.rounds .wait td { border-top: 1px solid var(--line); padding: 6px 10px 6px 0 }
.rounds td.number { width: 28px; color: var(--faint) }
.rounds td.mono { width: 42% }
.rounds .bar { background: var(--accent); height: 10px; min-width: 2px; border-radius: 3px; margin-top: 4px }
.rounds .hint { font-size: 12px }
details { margin-top: 14px }
summary { cursor: pointer; color: var(--faint) }
svg.dragged { cursor: grabbing }
.legend { position: absolute; left: 12px; bottom: 8px; color: var(--faint); font-size: 12px; pointer-events: none }
.layer rect { fill: var(--layer); stroke: var(--line); rx: 8px }
.layer.inside rect { fill: var(--layer-inside) }
.layer text { fill: var(--faint) }
.edge { fill: none; stroke: var(--faint); stroke-width: 1.2; opacity: .38; pointer-events: none }
.edge.global { opacity: .2; stroke-dasharray: 1 3; stroke-linecap: round; stroke-width: 1.8 }
.edge.order, .edge.source { stroke-dasharray: 5 4 }
.step { cursor: pointer; outline: none }
.step rect.box { fill: var(--step); stroke: var(--line); rx: 6px }
.step text { fill: var(--text) }
.step text.op { font-weight: 600 }
.step text.more { fill: var(--faint) }
.step rect.heat { fill: var(--heat); rx: 1.5px }
.step.idle { opacity: .45 }
.step:hover rect.box, .step:focus-visible rect.box { stroke: var(--accent); stroke-width: 2 }
.selecting .step, .selecting .edge, .searching .step, .searching .edge { opacity: .16 }
.searching .step.found, .selecting .step.self, .selecting .step.up, .selecting .step.down { opacity: 1 }
.step.self rect.box { stroke: var(--accent); stroke-width: 2.5 }
.step.up rect.box { stroke: var(--up) }
.step.down rect.box { stroke: var(--down) }
.selecting .edge.up { stroke: var(--up); opacity: 1 }
.selecting .edge.down { stroke: var(--down); opacity: 1 }
aside { background: var(--panel); border-left: 1px solid var(--line); display: flex; flex-direction: column; min-height: 0 }
nav { display: flex; gap: 4px; padding: 8px 14px; border-bottom: 1px solid var(--line) }
nav button[aria-selected=true] { background: var(--accent); border-color: var(--accent); color: var(--panel) }
section { overflow: auto; padding: 12px 14px; flex: 1 }
section[hidden] { display: none }
h2 { font-size: 14px; margin: 0 0 8px; overflow-wrap: anywhere }
dl { display: grid; grid-template-columns: auto 1fr; gap: 4px 12px; margin: 0 }
dt { color: var(--faint) }
dd { margin: 0; overflow-wrap: anywhere }
table { border-collapse: collapse; width: 100%; font-size: 13px }
th { color: var(--faint); font-weight: 500; text-align: left }
th, td { padding: 2px 8px 2px 0; vertical-align: top }
td:first-child, td.mono { overflow-wrap: anywhere }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap }
.key { display: inline-block; width: 10px; height: 10px; border-radius: 3px; vertical-align: -1px }
.hint { color: var(--faint) }
@media (max-width: 760px) {
  body { grid-template: auto 1fr 45vh / minmax(0, 1fr) }
  aside { border-left: 0; border-top: 1px solid var(--line) }
  .legend, header .facts { display: none }
  header { flex-wrap: wrap; padding: 6px 10px; min-width: 0 }
  h1 { overflow: hidden; text-overflow: ellipsis; max-width: 40% }
  header input { flex: 1 0 130px; width: 0 }
  header button { padding: 3px 7px }
  .rounds { padding: 4px 10px }
  section { padding: 8px 10px }
  nav { flex-wrap: wrap }
  table, nav button { font-size: 12px }
  td.mono { font-size: 11px }
}
`;
