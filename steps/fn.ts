import { nameReference } from '../src/step/references.ts';
import { callerOf } from '../src/utils/codePlace.ts';

/**
 * Gives a function the name that stands for it in exported plans, so that plans which use it are portable.
 *
 * ```ts
 * const fullName = fn('app.fullName', (user: User) => `${user.first} ${user.last}`);
 * plans: { fullName: ($user) => lambda($user, fullName) }
 * ```
 */
// biome-ignore lint/suspicious/noExplicitAny: any function may be named
export function fn<TFunction extends (...args: any[]) => unknown>(name: string, f: TFunction): TFunction {
  return nameReference('fn', name, f, { place: callerOf(fn) });
}
