import type { PlanDraft } from '../../src/planner/PlanDraft.ts';
import type { Layer, Step } from '../../src/step/Step.ts';

/** A draft as text: its layers, indented, each with its steps in the order they were made. */
export function printDraft(draft: PlanDraft): string {
  const { graph, needed } = draft;
  const shown = shownSteps(draft);
  const steps = graph.steps.filter((step) => step.replacement === null && (needed.size === 0 || shown.has(step)));
  const lines: string[] = [];
  const visit = (layer: Layer, indent: string): void => {
    lines.push(`${indent}${layerText(draft, layer)}`);
    for (const step of steps) if (step.layer === layer) lines.push(`${indent}  ${stepText(draft, step)}`);
    for (const inner of graph.layers)
      if (inner.parent === layer && isUsed(graph.layers, steps, inner)) visit(inner, `${indent}  `);
  };
  visit(graph.root, '');
  return lines.join('\n');
}

/** What is needed, as it is now: between two shakes steps are replaced by others. */
function shownSteps({ graph, needed }: PlanDraft): ReadonlySet<Step> {
  const shown = new Set<Step>();
  const add = (given: Step): void => {
    const step = graph.resolve(given);
    if (shown.has(step)) return;
    shown.add(step);
    for (const dependency of step.dependencies) add(dependency.step);
  };
  for (const step of needed.keys()) add(step);
  return shown;
}

function isUsed(layers: readonly Layer[], steps: readonly Step[], layer: Layer): boolean {
  return (
    steps.some((step) => step.layer === layer) ||
    layers.some((inner) => inner.parent === layer && isUsed(layers, steps, inner))
  );
}

function layerText({ graph }: PlanDraft, { kind, source, type }: Layer): string {
  return `${kind}${type === null ? '' : ` ${type}`}${source === null ? '' : ` of $${graph.resolve(source).stepNumber}`}`;
}

function stepText(draft: PlanDraft, step: Step): string {
  const { graph, needed, columns } = draft;
  const dependencies = step.dependencies.map(({ step: $dependency, kind }) => {
    const mark = { list: '', global: 'global ', collect: 'all ', order: 'after ' }[kind];
    return ` ${mark}$${graph.resolve($dependency).stepNumber}`;
  });
  const guard = needed.get(step) ?? 0;
  const when = guard === 0 ? '' : ` when ${guardText(draft, guard)}`;
  const read = columns.size > 0 && !columns.has(step) ? ' (read by the output)' : '';
  return `$${step.stepNumber} ${step.op}${dependencies.join('')}${paramsText(step)}${step.hasSideEffects ? ' effect' : ''}${when}${read}`;
}

function paramsText({ params }: Step): string {
  const shown = Object.entries(params)
    .filter(([name, value]) => !['nodes', 'place', 'node', 'parentType'].includes(name) && typeof value !== 'function')
    .map(([, value]) => (typeof value === 'string' ? value : JSON.stringify(value)));
  return shown.length === 0 ? '' : ` ${shown.join(' ')}`;
}

function guardText(draft: PlanDraft, guard: number): string {
  const node = draft.guards.nodes[guard];
  switch (node?.kind) {
    case 'variable':
      return `$${node.name}`;
    case 'not':
      return `not ${guardText(draft, node.of)}`;
    case 'and':
    case 'or':
      return `(${node.of.map((of) => guardText(draft, of)).join(` ${node.kind} `)})`;
    default:
      return node?.kind ?? '?';
  }
}
