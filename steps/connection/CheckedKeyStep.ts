import type { ParamShapes } from '../../src/step/paramShapes.ts';
import type { Step } from '../../src/step/Step.ts';
import { PassingStep } from '../PassingStep.ts';

/** Represents the key of a list that a connection pages. Yields it once the connection's arguments were found to make sense. */
export class CheckedKeyStep<TKey = unknown> extends PassingStep<TKey> {
  static override readonly op = 'connection.key';
  static override readonly paramShapes: ParamShapes = {};
  override readonly isSync = true;

  constructor($key: Step, $window: Step) {
    super();
    this.addDependency($key);
    this.addGlobalDependency($window);
  }

  override execute(_count: number, [keys]: readonly [readonly TKey[], unknown]): ReadonlyArray<TKey> {
    return keys;
  }
}
