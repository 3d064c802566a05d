import { itemAt } from '../utils/itemAt.ts';
import { describeStep } from './describeStep.ts';
import type { Plan } from './Plan.ts';
import type { PlanMeasurements } from './PlanMeasurements.ts';
import { count, describeAhead, describeLayer, describeThrownAway } from './printPlan.ts';

/** A plan as a Mermaid flowchart: a subgraph a layer, an arrow from each step to those that take it in. */
export function printMermaid(plan: Plan, measured: PlanMeasurements | null = null): string {
  const lines = ['flowchart TD'];
  printLayer(plan, measured, 0, '  ', lines);
  plan.steps.forEach((step, id) => {
    for (const { step: from, kind } of step.dependencies) {
      lines.push(`  s${from} ${kind === 'order' ? '-.->' : kind === 'global' ? '==>' : '-->'} s${id}`);
    }
  });
  plan.layers.forEach(({ source, entry }) => {
    if (source !== -1 && entry !== -1) lines.push(`  s${source} -.-> s${entry}`);
  });
  return `${lines.join('\n')}\n`;
}

function printLayer(plan: Plan, measured: PlanMeasurements | null, id: number, indent: string, lines: string[]): void {
  lines.push(`${indent}subgraph l${id}["${label(describeLayer(plan, itemAt(plan.layers, id)))}"]`);
  plan.steps.forEach((step, number) => {
    if (step.layer !== id) return;
    const measurement = measured?.get(number);
    const rows =
      measurement === undefined ? '' : `<br/>${count(measurement.calls, 'call')}, ${count(measurement.rows, 'row')}`;
    const ahead = [describeAhead(plan, number), describeThrownAway(measurement)].join('').replace(/^, /, '');
    const started = ahead === '' ? '' : `<br/>${label(ahead)}`;
    lines.push(`${indent}  s${number}["$${number} ${label(describeStep(step))}${started}${rows}"]`);
  });
  plan.layers.forEach(({ parent }, child) => {
    if (parent === id) printLayer(plan, measured, child, `${indent}  `, lines);
  });
  lines.push(`${indent}end`);
}

/** Text of a plan as a label. Mermaid would interpret quotes, brackets and entities. */
function label(text: string): string {
  return text.replace(/[&<>"#]/g, (character) => `#${character.charCodeAt(0)};`);
}
