import type { Step } from '../src/step/Step.ts';

/** The type of a step's values; `any` for a step without a type. */
export type StepData<TStep> = 0 extends 1 & TStep ? TStep : TStep extends Step<infer TData> ? TData : never;
