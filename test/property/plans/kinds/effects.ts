import { type AnyStep, context, fn, get, recordDependency, sideEffect } from 'planql';
import { type Kind, recipe, strict } from '../Recipe.ts';
import { key } from '../Shape.ts';

/** Writes a value into the request's log, and gives it on. */
const note = fn('plans.note', ([log, value]: readonly [unknown[], unknown]) => {
  log.push(typeof value === 'object' ? 'an object or null' : (value ?? 'an object or null'));
  return value;
});

export const effects: Readonly<Record<string, Kind>> = {
  sideEffect: {
    make: () => null,
    plan: ({ of }, scope) =>
      sideEffect(
        [get(context() as AnyStep, 'log'), ...of.map(scope.plan)],
        note as (value: readonly unknown[]) => unknown,
      ),
    resolve: ({ of }, scope) => scope.all(of, ([value]) => note([scope.context.log, value])),
  },

  recordDependency: strict({
    make: (maker, shape, scope) =>
      shape.is === 'pages' ? null : recipe('recordDependency', maker.all([shape, key], scope)),
    plan: ([$value, $key]) => recordDependency($value as AnyStep, $key as AnyStep),
    resolve: ([value]) => value,
  }),
};
