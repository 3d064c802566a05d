import { pageColors } from '../../explain/pageParts.ts';

/** The style of the inspector's page, by day and by night. */
export const inspectStyle: string = `
${pageColors}
body { margin: 0; height: 100vh; display: grid; grid-template: auto 1fr / minmax(0, 1fr) minmax(0, 1fr); background: var(--back); color: var(--text); font: 14px/1.45 system-ui, sans-serif }
header { grid-column: 1 / -1; display: flex; gap: 8px; align-items: center; flex-wrap: wrap; padding: 8px 14px; background: var(--panel); border-bottom: 1px solid var(--line) }
h1 { font-size: 15px; margin: 0 }
nav { display: flex; gap: 4px }
a { color: var(--accent); font-size: 12px; margin: 0 6px }
h2 { font-size: 14px; margin: 0 0 8px; overflow-wrap: anywhere }
h3 { font-size: 13px; margin: 14px 0 4px; color: var(--faint); font-weight: 500 }
header .facts { color: var(--faint); flex: 1; font-size: 12px }
header input { width: 200px; padding: 4px 9px; border: 1px solid var(--line); border-radius: 6px; background: var(--back) }
[role=tab][aria-selected=true] { background: var(--accent); border-color: var(--accent); color: var(--panel) }
main, aside { overflow: auto; min-height: 0; min-width: 0; padding: 10px 14px }
aside { background: var(--panel); border-left: 1px solid var(--line); display: flex; flex-direction: column }
aside > div { flex: none }
iframe { border: 1px solid var(--line); border-radius: 6px; width: 100%; flex: 1 0 420px; margin-top: 10px; background: var(--back) }
[hidden] { display: none !important }
table { border-collapse: collapse; width: 100%; font-size: 13px }
th { color: var(--faint); font-weight: 500; text-align: left; position: sticky; top: -10px; background: var(--back) }
aside th { background: var(--panel); top: -10px }
th, td { padding: 3px 10px 3px 0; vertical-align: top }
td.text { overflow-wrap: anywhere }
tr.row { cursor: pointer; outline: none }
tr.row td { border-top: 1px solid var(--line) }
tr.row:hover td { color: var(--accent) }
tr.row[aria-selected=true] td { background: var(--layer) }
tr.row:focus-visible { outline: 2px solid var(--accent); outline-offset: -2px }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap }
.hint { color: var(--faint); font-size: 12px }
.bad { color: var(--heat) }
.tag { border: 1px solid var(--line); border-radius: 8px; padding: 0 6px; font-size: 11px; color: var(--faint) }
.track { width: 130px; min-width: 130px }
.phases { display: flex; height: 10px; border-radius: 3px; overflow: hidden; margin-top: 5px; background: var(--layer) }
.phase { height: 10px }
.parse { background: var(--up) } .validate { background: var(--heat) } .plan { background: var(--accent) } .execute { background: var(--down) } .write { background: var(--faint) }
.key { display: inline-block; width: 10px; height: 10px; border-radius: 3px; margin: 0 4px 0 10px }
dl { display: grid; grid-template-columns: auto 1fr; gap: 3px 12px; margin: 0; font-size: 13px }
dt { color: var(--faint) }
dd { margin: 0; overflow-wrap: anywhere }
textarea { width: 100%; min-height: 64px; border: 1px solid var(--line); border-radius: 6px; background: var(--back); padding: 6px; color: inherit }
pre { max-height: 260px; overflow: auto; background: var(--back); border-radius: 6px; padding: 8px }
.bar { background: var(--accent); height: 8px; min-width: 2px; border-radius: 3px; margin-top: 6px }
li { margin: 6px 0 }
@media (max-width: 860px) { body { grid-template: auto 1fr 1fr / minmax(0, 1fr) } aside { border-left: 0; border-top: 1px solid var(--line) } }
`;
