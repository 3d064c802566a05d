import type { ContenderResults, Results } from './Results.ts';

const width = 900;
const labels = 250;
const barHeight = 14;
const gap = 4;
const groupGap = 34;

/** The ratios as bars on a logarithmic scale, in SVG. The line is the baseline; bars that end left of it beat it. */
export function drawChart({ workloads, machine, node, date }: Results): string {
  const parts: string[] = [];
  const ratios = workloads.flatMap(({ contenders }) => contenders.flatMap(({ ratio }) => ratio ?? []));
  const scale = logScale(Math.min(0.5, ...ratios), Math.max(2, ...ratios));
  let y = 50;
  for (const { title, contenders } of workloads) {
    parts.push(text(10, y + 10, title, 'font-weight="bold"'));
    y += 18;
    const top = y;
    for (const contender of contenders) {
      parts.push(bar(contender, y, scale));
      y += barHeight + gap;
    }
    const one = scale(1);
    parts.push(`<line x1="${one}" x2="${one}" y1="${top - 2}" y2="${y}" stroke="#222" stroke-width="1"/>`);
    y += groupGap - gap;
  }
  const heading = `CPU time as a multiple of the program by hand (log scale; shorter is better) · ${machine} · Node ${node} · ${date.slice(0, 10)}`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${y}" font-family="sans-serif" font-size="11">`,
    `<rect width="${width}" height="${y}" fill="#fff"/>`,
    text(10, 20, heading, 'font-size="12"'),
    ...parts,
    '</svg>\n',
  ].join('\n');
}

function logScale(low: number, high: number): (ratio: number) => number {
  const from = Math.log(low);
  const span = Math.log(high) - from;
  return (ratio) => Math.round(labels + ((Math.log(ratio) - from) / span) * (width - labels - 60));
}

function bar({ name, title, ratio, missing }: ContenderResults, y: number, scale: (ratio: number) => number): string {
  const label = text(labels - 8, y + 11, title, 'text-anchor="end"');
  if (ratio === null) return label + text(labels + 4, y + 11, missing ?? '', '', '#a33');
  const end = scale(ratio);
  const shape = `<rect x="${labels}" y="${y}" width="${Math.max(1, end - labels)}" height="${barHeight}" fill="${colour(name)}"/>`;
  return label + shape + text(end + 4, y + 11, ratio >= 10 ? ratio.toFixed(0) : ratio.toFixed(2), '');
}

function colour(name: string): string {
  if (name.startsWith('planql')) return '#2b7de9';
  return name.startsWith('hand') || name === 'validate' ? '#8a8a8a' : '#e0a458';
}

function text(x: number, y: number, content: string, attributes: string, fill = '#222'): string {
  const escaped = content.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  return `<text x="${x}" y="${y}" fill="${fill}" ${attributes}>${escaped}</text>`;
}
