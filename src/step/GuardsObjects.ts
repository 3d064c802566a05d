import type { Step } from './Step.ts';

/** A step that hands out objects on which somebody must decide, whatever their type says. */
export interface GuardsObjects {
  /** Represents whether such an object may be shown, where the type of its position has no `authorize`. */
  guardObject($object: Step, typeName: string): Step;
}
