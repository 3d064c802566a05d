import { itemAt } from '../utils/itemAt.ts';
import type { DependencyNode, Json, Plan, StepNode } from './Plan.ts';
import { isReference, unquoteParam } from './params.ts';

const MAX_PARAMS = 80;

/** A step in one line, without its number: its op, its params and its dependencies. */
export function describeStep({ op, params, dependencies }: StepNode): string {
  const given = describeParams(op, params);
  const taken = dependencies.map(describeDependency).join(', ');
  return [op, given, taken === '' ? '' : `(${taken})`].filter((part) => part !== '').join(' ');
}

function describeDependency({ kind, step, accepts }: DependencyNode): string {
  const suffix = { list: '', global: ' global', collect: ' collected', order: ' first' }[kind];
  return `$${step}${suffix}${accepts && kind === 'list' ? ' or its end' : ''}`;
}

/** Params as a person wants to read them. Steps that planning itself creates have a short form. */
function describeParams(op: string, params: Record<string, Json>): string {
  switch (op) {
    case 'constant':
      return params.value === undefined ? 'undefined' : shorten(JSON.stringify(unquoteParam(params.value)) ?? '');
    case 'access':
      return `.${[params.path].flat().join('.')}`;
    case 'field':
      return `.${String(params.fieldName)}`;
    case 'resolve':
    case 'arguments':
      return `${String(params.parentType)}.${String(params.fieldName)}`;
    case 'resolveType':
    case 'checkType':
      return String(params.abstractType);
    case 'isTypeOf':
      return String(params.objectType);
    default:
      return shorten(
        Object.entries(params)
          .map(describeParam)
          .filter((text) => text !== '')
          .join(' '),
      );
  }
}

function describeParam([name, value]: [string, Json]): string {
  if (value === null || value === false) return '';
  if (isReference(value)) return nameOf(value) ?? `${name}=closure`;
  return `${name}=${JSON.stringify(unquoteParam(value))}`;
}

/** The name of a loader or function among the params of a step, as its user gave it. */
export function referredName({ params }: StepNode): string | null {
  for (const value of Object.values(params)) {
    const name = isReference(value) ? nameOf(value) : null;
    if (name !== null) return name;
  }
  return null;
}

function nameOf({ $ref }: { readonly $ref: Json }): string | null {
  return $ref === null ? null : String($ref).replace(/^[a-z]+:/, '');
}

function shorten(text: string): string {
  return text.length <= MAX_PARAMS ? text : `${text.slice(0, MAX_PARAMS - 1)}…`;
}

/** A guard as a condition on variables; empty when it always holds. */
export function describeGuard({ guards }: Pick<Plan, 'guards'>, guard: number): string {
  const node = itemAt(guards, guard);
  switch (node.kind) {
    case 'always':
      return '';
    case 'never':
      return 'never';
    case 'variable':
      return `$${node.name}`;
    case 'not':
      return `not ${describeGuard({ guards }, node.of)}`;
    default: {
      const [left, right] = node.of;
      return `(${describeGuard({ guards }, left)} ${node.kind} ${describeGuard({ guards }, right)})`;
    }
  }
}
