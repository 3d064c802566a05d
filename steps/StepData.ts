import type { Step } from '../src/step/Step.ts';

/** The type of a step's values. A step that nobody typed yields `any`. */
export type StepData<TStep> = 0 extends 1 & TStep ? TStep : TStep extends Step<infer TData> ? TData : never;
