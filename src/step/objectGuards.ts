import type { Step } from './Step.ts';

/** By the name of an object type without `authorize`: what takes its place. Undefined for most. */
// biome-ignore lint/suspicious/noExplicitAny: authorize is called with steps of any kind
export type ObjectGuard = (typeName: string) => (($object: Step<any>) => Step<any>) | undefined;

const guards: ObjectGuard[] = [];

/** For object models that must look at what enters a plan. */
export function guardObjects(guard: ObjectGuard): void {
  guards.push(guard);
}

export const guardOf: ObjectGuard = (typeName) => {
  for (const guard of guards) {
    const authorize = guard(typeName);
    if (authorize !== undefined) return authorize;
  }
  return undefined;
};
