import { access } from './builtin/AccessStep.ts';
import { resolveStep } from './resolveStep.ts';
import type { Step } from './Step.ts';

/** A step that has its own way to read attributes of its values, or wants to know which are read. */
export interface GettableStep {
  get(name: string): Step;
}

// biome-ignore lint/suspicious/noExplicitAny: indexing into the values of any step
type Attribute<TData, TName> = TData extends any ? (TName extends keyof TData ? TData[TName] : any) : never;

/** The names that a union has, in any of its members. */
// biome-ignore lint/suspicious/noExplicitAny: distributes over the union
type KeyOfAny<TData> = TData extends any ? keyof TData : never;

/** The attributes of a step's values; any name where its type tells none. */
type NameIn<TData> = unknown extends TData
  ? string
  : [KeyOfAny<TData>] extends [never]
    ? string
    : KeyOfAny<TData> & string;

/** Represents the attribute `name` of the values of `$source`. A step with a `get` method of its own reads it itself. */
export function get<TData, TName extends NameIn<NonNullable<Awaited<TData>>>>(
  $source: Step<TData>,
  name: TName,
): Step<Attribute<NonNullable<TData>, TName>> {
  const $resolved = resolveStep('get', $source);
  return (isGettable($resolved) ? $resolved.get(name) : access($resolved, name)) as Step<
    Attribute<NonNullable<TData>, TName>
  >;
}

/** Whether a step has its own way to read attributes. */
export function isGettable($step: object): $step is GettableStep {
  return 'get' in $step && typeof $step.get === 'function';
}
