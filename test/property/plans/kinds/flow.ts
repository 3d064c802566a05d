import {
  type AnyStep,
  assertNotNull,
  error,
  exit,
  exitIf,
  exitWith,
  inhibitIf,
  inhibitOnEmpty,
  inhibitOnNull,
  lambda,
  SafeError,
  TRAP_ERROR,
  TRAP_ERROR_OR_INHIBITED,
  TRAP_INHIBITED,
  trap,
} from 'planql';
import { Exit, Failure } from '../../../../src/step/signals.ts';
import type { TrapValue } from '../../../../steps/flow/trap.ts';
import { messageOf } from '../functions.ts';
import type { Maker, Scope } from '../Maker.ts';
import { type Kind, type Recipe, recipe, strict } from '../Recipe.ts';
import type { RowScope } from '../RowScope.ts';
import { areEqual, flag, listOf, type Shape, text } from '../Shape.ts';
import { kept } from '../settled.ts';

const isNull = (value: unknown): boolean => value === null || value === undefined;
const isEmpty = (value: unknown): boolean =>
  isNull(value) || (value as { length?: unknown }).length === 0 || (value instanceof Set && value.size === 0);

/** Values of any shape, but connections: their parts are steps of the connection itself. */
const isAny = ({ is }: Shape): boolean => is !== 'pages';

/** `$value`, and maybe a condition. */
const gated = (name: string, maker: Maker, shape: Shape, scope: Scope, more?: unknown): Recipe =>
  recipe(name, [maker.make(shape, scope), ...maker.option(flag, scope, 0.4)], more);

/** Whether the second part, a condition, is absent or holds. */
const isOn = (parts: readonly unknown[]): boolean => parts.length === 1 || Boolean(parts[1]);

const ifOf = ($if: AnyStep | undefined): { readonly if?: AnyStep } => ($if === undefined ? {} : { if: $if });

/** Whether the second part, a condition, lets a step have its effect; the signal where it failed or ended. */
async function condition([, given]: readonly Recipe[], scope: RowScope): Promise<boolean | Exit | Failure> {
  if (given === undefined) return true;
  const value = await kept(scope.resolve(given));
  return value instanceof Exit || value instanceof Failure ? value : Boolean(value);
}

const risks = ['error', 'inhibitIf', 'exitIf', 'inhibitOnNull', 'assertNotNull'] as const;

export interface TrapForm {
  readonly flags: typeof TRAP_ERROR | typeof TRAP_INHIBITED | typeof TRAP_ERROR_OR_INHIBITED;
  readonly valueForError?: TrapValue;
  readonly valueForInhibited?: TrapValue;
}

export const flow: Readonly<Record<string, Kind>> = {
  inhibitOnNull: strict({
    make: (maker, shape, scope) => (isAny(shape) ? gated('inhibitOnNull', maker, shape, scope) : null),
    plan: ([$value, $if]) => inhibitOnNull($value as AnyStep, ifOf($if)),
    resolve: (parts) => (isOn(parts) && isNull(parts[0]) ? exit : parts[0]),
  }),

  inhibitOnEmpty: strict({
    make: (maker, shape, scope) =>
      shape.is === 'list' || areEqual(shape, text) ? gated('inhibitOnEmpty', maker, shape, scope) : null,
    plan: ([$value, $if]) => inhibitOnEmpty($value as AnyStep, ifOf($if)),
    resolve: (parts) => (isOn(parts) && isEmpty(parts[0]) ? exit : parts[0]),
  }),

  inhibitIf: strict({
    make: (maker, shape, scope) => (isAny(shape) ? recipe('inhibitIf', maker.all([shape, flag], scope)) : null),
    plan: ([$value, $if]) => inhibitIf($value as AnyStep, $if as AnyStep),
    resolve: ([value, given]) => (given ? exit : value),
  }),

  exitIf: strict({
    make(maker, shape, scope) {
      if (!isAny(shape)) return null;
      const mayBeEmpty = scope.mayBeEmpty && shape.is === 'list';
      return recipe('exitIf', maker.all([shape, flag], scope), mayBeEmpty && maker.chance(0.6) ? [] : null);
    },
    plan: ([$value, $if], result) => exitIf($if as AnyStep, result, $value as AnyStep),
    resolve: ([value, given], result) => (given ? exitWith(result) : value),
  }),

  assertNotNull: {
    make: (maker, shape, scope) => (isAny(shape) ? gated('assertNotNull', maker, shape, scope, 'It is null.') : null),
    plan: ({ of, with: message }, scope) => {
      const [$value, $if] = of.map(scope.plan);
      return assertNotNull($value as AnyStep, message as string, ifOf($if));
    },
    async resolve({ of, with: message }, scope) {
      const outcome = await kept(scope.resolve(of[0] as Recipe));
      const given = await condition(of, scope);
      if (typeof given !== 'boolean') return given;
      if (given && isNull(outcome instanceof Exit ? outcome.value : outcome)) throw new SafeError(message as string);
      return outcome;
    },
  },

  error: strict({
    make: (maker, shape) =>
      isAny(shape) && maker.knobs.errors && maker.chance(0.3) ? recipe('error', [], 'It is an error.') : null,
    plan: (_, message) => error(message),
    resolve: (_, message) => {
      throw new SafeError(message);
    },
  }),

  trap: {
    make(maker, shape, scope) {
      if (!isAny(shape)) return null;
      const { random } = maker;
      const value = shape.is === 'list' && scope.mayBeEmpty ? random.pick(['NULL', 'EMPTY_LIST'] as const) : 'NULL';
      const form: TrapForm = {
        flags: random.pick([TRAP_ERROR, TRAP_INHIBITED, TRAP_ERROR_OR_INHIBITED]),
        ...(random.chance(0.5) ? { valueForError: value } : null),
        ...(random.chance(0.5) ? { valueForInhibited: random.pick([value, 'PASS_THROUGH']) } : null),
      };
      // Mostly there is something to trap.
      const inner = { ...scope, depth: scope.depth - 1 };
      const risk = random.chance(0.6) ? flow[random.pick(risks)]?.make(maker, shape, inner) : null;
      const of = risk ? { ...risk, yields: shape } : maker.make(shape, scope);
      return recipe('trap', [of, ...maker.option(flag, scope, 0.5)], form);
    },
    plan({ of, with: form }, scope) {
      const { flags, ...options } = form as TrapForm;
      const [$value, $if] = of.map(scope.plan);
      return trap($value as AnyStep, flags, { ...options, ...ifOf($if) });
    },
    async resolve({ of, with: form }, scope) {
      const { flags, valueForError = 'NULL', valueForInhibited = 'NULL' } = form as TrapForm;
      const outcome = await kept(scope.resolve(of[0] as Recipe));
      const given = await condition(of, scope);
      if (given !== true) return given === false ? outcome : given;
      if (outcome instanceof Failure && flags & TRAP_ERROR) {
        if (valueForError === 'PASS_THROUGH') return { error: outcome.error };
        return valueForError === 'NULL' ? null : [];
      }
      if (!(outcome instanceof Exit) || !(flags & TRAP_INHIBITED)) return outcome;
      if (valueForInhibited === 'PASS_THROUGH') return outcome.value;
      return valueForInhibited === 'NULL' ? null : [];
    },
  },

  /** The message of an error that is passed through. */
  message: strict({
    make(maker, shape, scope) {
      if (!areEqual(shape, text)) return null;
      const inner = maker.make(maker.random.pick([text, listOf(text)]), scope);
      return recipe('message', [recipe('trap', [inner], { flags: TRAP_ERROR, valueForError: 'PASS_THROUGH' })]);
    },
    plan: ([$trapped]) => lambda($trapped as AnyStep, messageOf),
    resolve: ([trapped]) => messageOf(trapped),
  }),
};
