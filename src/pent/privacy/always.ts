import type { Rule } from '../contract.ts';

/** Allows everything that no rule before it has decided. */
export const allowAll: Rule = { effect: 'allow', name: 'allowAll', test: () => true };

/** Denies everything that no rule before it has decided. */
export const denyAll: Rule = { effect: 'deny', name: 'denyAll', test: () => true };
