/**
 * Called before the steps and resolvers of a part of a request that must read anew, with the request's context and the
 * part's `extra.shared`.
 */
export type BeginPart = (contextValue: unknown, shared: <T>(key: unknown, create: () => T) => T) => void;

const listeners: BeginPart[] = [];

/** For contexts that remember reads. A step tells them which part it runs in; a resolver just reads. */
export function onPart(listener: BeginPart): void {
  listeners.push(listener);
}

/** Called by the engine for each event of a subscription and each mutation field, and after each effect. */
export const beginPart: BeginPart = (contextValue, shared) => {
  for (const listener of listeners) listener(contextValue, shared);
};
