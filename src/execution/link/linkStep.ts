import { InternalError } from '../../errors/InternalError.ts';
import type { JsonObject, StepNode } from '../../plan/Plan.ts';
import { isReference, type ParamReference, unquoteParam } from '../../plan/params.ts';
import type { Definitions } from '../../step/Definitions.ts';
import type { LinkContext } from '../../step/LinkContext.ts';
import { isReferenceable } from '../../step/references.ts';
import type { Step } from '../../step/Step.ts';
import { guardsParams } from '../../step/stepClasses.ts';

/** The meanings of the names in steps. */
export interface StepSource {
  /** The functions of a plan that was planned here, by slot. */
  readonly locals: readonly unknown[];
  readonly definitions: Definitions;
  readonly context: LinkContext;
}

/** The instance that executes a step. The engine knows its class: planning and importing make sure of that. */
export function linkStep(node: StepNode, source: StepSource): Step {
  const stepClass = source.definitions.stepClass(node.op);
  if (stepClass === undefined) throw new InternalError(`No step class has the op "${node.op}".`);
  const params = linkParams(node, source);
  if (!guardsParams(stepClass)) return stepClass.fromParams(params as never, source.context);
  const step = stepClass.fromParams(frozen(params) as never, source.context);
  Object.freeze(step); // it serves many requests: nothing of one is kept in it for another
  return step;
}

/** A copy that nobody can write to: params belong to the plan, which serves many requests. */
function frozen(params: Record<string, unknown>): Record<string, unknown> {
  const own: Record<string, unknown> = {};
  for (const name in params) own[name] = isReferenceable(params[name]) ? params[name] : frozenJson(params[name]);
  return Object.freeze(own);
}

function frozenJson(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return Object.freeze(value.map(frozenJson));
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== null && prototype !== Object.prototype) return value;
  return Object.freeze(Object.fromEntries(Object.entries(value).map(([key, part]) => [key, frozenJson(part)])));
}

/** The params themselves, where none of them is a reference. */
function linkParams({ params }: StepNode, source: StepSource): Record<string, unknown> {
  if (isAsItStands(params)) return params;
  const linked: Record<string, unknown> = {};
  for (const name in params) {
    const value = params[name];
    if (value !== undefined) linked[name] = isReference(value) ? dereference(value, source) : unquoteParam(value);
  }
  return linked;
}

function isAsItStands(params: JsonObject): boolean {
  for (const name in params) {
    const value = params[name];
    if (typeof value === 'object' && (isReference(value) || unquoteParam(value) !== value)) return false;
  }
  return true;
}

/** A function: in the process that planned it itself, in another the one with its name, which importing made sure of. */
function dereference({ $ref, local }: ParamReference, { locals, definitions }: StepSource): unknown {
  if (local < locals.length) return locals[local];
  return $ref === null ? undefined : definitions.reference($ref);
}
