import { itemAt } from '../utils/itemAt.ts';
import { describeGuard, describeStep } from './describeStep.ts';
import { objectOutput } from './outputAt.ts';
import type { FieldNode, LayerNode, Plan, PositionNode, ReadNode, StepNode, StreamNode } from './Plan.ts';
import type { PlanMeasurements, StepMeasurement } from './PlanMeasurements.ts';

/** A plan as text: its steps by layer, then the response and where each of its values is found. */
export function printPlan(plan: Plan, measured: PlanMeasurements | null = null): string {
  const lines = [`${plan.operation}${plan.operationName === null ? '' : ` ${plan.operationName}`}`];
  printLayer(plan, measured, 0, '', lines);
  lines.push('response');
  for (const line of printResponse(plan)) lines.push(`  ${line}`);
  return `${lines.join('\n')}\n`;
}

/** The response of a plan in lines: each field, and where its value is found. */
export function printResponse(plan: Plan): string[] {
  const lines: string[] = [];
  printObject(plan, plan.root, '', lines, new Set());
  return lines;
}

function printLayer(plan: Plan, measured: PlanMeasurements | null, id: number, indent: string, lines: string[]): void {
  lines.push(`${indent}${describeLayer(plan, itemAt(plan.layers, id))}`);
  const inner = `${indent}  `;
  plan.steps.forEach((step, number) => {
    if (step.layer !== id) return;
    lines.push(
      `${inner}$${number} ${describeStep(step)}${describeCondition(plan, step)}${describeAhead(plan, number)}${describeMeasured(measured?.get(number))}`,
    );
  });
  plan.layers.forEach((layer, child) => {
    if (layer.parent === id) printLayer(plan, measured, child, inner, lines);
  });
}

/** The meaning of a layer's rows. */
export function describeLayer(plan: Plan, { kind, source, type, stream }: LayerNode): string {
  switch (kind) {
    case 'root':
      return 'root';
    case 'mutation':
      return 'then, in series';
    case 'event':
      return 'for each event';
    case 'list':
      return `each of $${source}${stream === null ? '' : describeStream(plan, stream)}`;
    case 'present':
      return `where $${source} is not null`;
    case 'type':
      return `where $${source} is ${type}`;
    case 'combine':
      return `combined from the types of $${source}`;
  }
}

function describeStream(plan: Plan, { label, guard, initialCount, variable }: StreamNode): string {
  const name = label === null ? '' : ` as ${JSON.stringify(label)}`;
  return `, streamed${name} after the first ${variable === null ? initialCount : `$${variable}`}${when(plan, guard)}`;
}

function when(plan: Plan, guard: number): string {
  const condition = describeGuard(plan, guard);
  return condition === '' ? '' : ` when ${condition}`;
}

/** When a step runs, and whether it does something. */
export function describeCondition(plan: Plan, { guard, hasSideEffects }: StepNode): string {
  return `${when(plan, guard)}${hasSideEffects ? ' (has side effects)' : ''}`;
}

/** When a step starts that starts before its turn. */
export function describeAhead({ ahead }: Plan, step: number): string {
  const nodes = ahead.filter((one) => one.step === step);
  if (nodes.length === 0) return '';
  if (nodes.some(({ source }) => source === -1)) return ', starts at once';
  return `, starts with ${nodes.map(({ source, early }) => `${early ? 'the ids of ' : ''}$${source}`).join(' and ')}`;
}

/** How many loads a step started ahead of its turn, and how many of them nobody needed. */
export function describeThrownAway(measurement: StepMeasurement | undefined): string {
  const { 'started ahead': started, 'thrown away': wasted } = measurement?.notes ?? {};
  return started === undefined ? '' : `, ${started} started ahead, ${wasted ?? 0} thrown away`;
}

function describeMeasured(measurement: StepMeasurement | undefined): string {
  if (measurement === undefined) return '';
  const { calls, rows, milliseconds, sharedWith, notes } = measurement;
  const parts = [count(calls, 'call'), count(rows, 'row'), `${milliseconds.toFixed(2)} ms`];
  if (sharedWith.length > 0) parts.push(`shared with ${sharedWith.map((step) => `$${step}`).join(' ')}`);
  for (const [name, value] of Object.entries(notes)) parts.push(`${name} ${value}`);
  return `  [${parts.join(', ')}]`;
}

/** `1 call`, `2 calls`. */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

function printObject(plan: Plan, id: number, indent: string, lines: string[], printed: Set<number>): void {
  const { type, fields } = objectOutput(plan, id);
  if (printed.has(id)) {
    lines.push(`${indent}... as ${type} above`);
    return;
  }
  printed.add(id);
  for (const field of fields) printField(plan, field, indent, lines, printed);
}

function printField(plan: Plan, field: FieldNode, indent: string, lines: string[], printed: Set<number>): void {
  const text = `${indent}${field.key}: ${describePosition(plan, field.position)}`;
  lines.push(`${text}${when(plan, field.guard)}${describeDeliveries(plan, field)}`);
  printPosition(plan, field.position, `${indent}  `, lines, printed);
}

/** The deferred fragments that deliver a field; empty where its object does. */
function describeDeliveries(plan: Plan, { deliveries }: FieldNode): string {
  const parts = deliveries.map(({ defer, guard }) => `${describeDefer(plan, defer)}${when(plan, guard)}`);
  return parts.length === 0 ? '' : `, delivered ${parts.join(' and ')}`;
}

function describeDefer(plan: Plan, defer: number): string {
  if (defer === -1) return 'at once';
  const { label, guard } = itemAt(plan.defers, defer);
  return `with ${label === null ? `fragment ${defer}` : JSON.stringify(label)}${when(plan, guard)}`;
}

function printPosition(
  plan: Plan,
  { output }: PositionNode,
  indent: string,
  lines: string[],
  printed: Set<number>,
): void {
  const node = itemAt(plan.outputs, output);
  switch (node.kind) {
    case 'object':
      return printObject(plan, output, indent, lines, printed);
    case 'list':
      return printPosition(plan, node.item, indent, lines, printed);
    case 'abstract':
      for (const { type, position } of node.branches) {
        lines.push(`${indent}on ${type}`);
        printPosition(plan, position, `${indent}  `, lines, printed);
      }
      lines.push(`${indent}other types are planned when they are met`);
      return;
    default:
  }
}

function describePosition(plan: Plan, { read, output, nonNull }: PositionNode): string {
  const { type, isConstant } = describeOutput(plan, output);
  return `${isConstant ? '' : `${describeRead(read)} as `}${type}${nonNull ? '!' : ''}`;
}

function describeOutput(plan: Plan, id: number): { type: string; isConstant: boolean } {
  const node = itemAt(plan.outputs, id);
  switch (node.kind) {
    case 'list': {
      const item = describeOutput(plan, node.item.output);
      return { type: `[${item.type}${node.item.nonNull ? '!' : ''}]`, isConstant: false };
    }
    case 'typename':
      return { type: JSON.stringify(node.type), isConstant: true };
    case 'error':
      return { type: `error ${JSON.stringify(node.message)}`, isConstant: true };
    default:
      return { type: node.type, isConstant: false };
  }
}

function describeRead({ step, path }: ReadNode): string {
  const keys = path.map((key) => `.${key}`).join('');
  return step === -1 ? keys || 'itself' : `$${step}${keys}`;
}
