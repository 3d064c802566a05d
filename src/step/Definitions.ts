import { PlanqlError } from '../errors/PlanqlError.ts';
import { inspect } from '../utils/inspect.ts';
import { isReferenceable, type Offered, offeredReferences, partsOf, referenceName } from './references.ts';
import type { Step, StepClass } from './Step.ts';
import { classOf } from './Step.ts';
import { assertOp, className, offeredClasses } from './stepClasses.ts';

/** A value that exported plans refer to by name: a loader, a function of `fn()`, a step class. */
export type Nameable = object;

/** The place of names that an engine was given. */
const GIVEN = 'createEngine()';

/** More names than a program has: they are made at planning time, one for each plan. */
const MOST_NAMES = 10_000;

interface Definition<T> {
  /** Null: the plan resolver of the place makes another one for each plan. */
  readonly value: T | null;
  /** Where it was met: a field, or `createEngine()`. */
  readonly place: string;
}

/** Looks at the steps of one plan as they are added. */
export interface NamesOfPlan {
  note(step: Step): void;
}

const bySchema = new WeakMap<object, Definitions>();

/**
 * The names of step classes, loaders and functions in one engine (rule R25): those that it was given and those that it
 * has planned with; an engine that was given none also finds names that this process has defined just once.
 */
export class Definitions {
  readonly #classes = new Map<string, Definition<StepClass>>();
  readonly #references = new Map<string, Definition<object>>();
  readonly #isClosed: boolean;

  /** With `names`, loaders and functions are these and those that are planned with, and no others of the process. */
  constructor(names: readonly Nameable[] | null = null) {
    this.#isClosed = names !== null;
    for (const value of names ?? []) {
      if (isStepClass(value)) this.noteClass(value, GIVEN);
      else if (isReferenceable(value) && referenceName(value) !== null) this.noteReference(value, GIVEN);
      else {
        throw new PlanqlError(
          'NOT_NAMED',
          `createEngine({ names }) was given ${inspect(value)}. It takes loaders, functions of fn() and step classes.`,
        );
      }
    }
  }

  /** Those that the engines of a schema share which were given no names. */
  static of(schema: object): Definitions {
    let definitions = bySchema.get(schema);
    if (definitions === undefined) {
      definitions = new Definitions();
      bySchema.set(schema, definitions);
    }
    return definitions;
  }

  /** For one plan: notes the names in its steps, and refuses names that are missing or mean something else. */
  ofPlan(): NamesOfPlan {
    const references = new Map<string, Definition<object>>();
    return {
      note: (step) => {
        const { params, coordinate } = step;
        const stepClass = classOf(step);
        if (this.#classes.get(stepClass.op)?.value !== stepClass) this.noteClass(stepClass, coordinate);
        for (const name in params) {
          const value = params[name];
          if (typeof value === 'string' || !isReferenceable(value)) continue;
          assertSame(references, value, coordinate);
          this.noteReference(value, coordinate);
        }
      },
    };
  }

  noteClass(stepClass: StepClass, coordinate: string | null): void {
    const known = this.#classes.get(stepClass.op);
    if (known?.value === stepClass) return;
    assertOp(stepClass, `was planned for ${placed(coordinate)}`);
    if (known !== undefined) {
      throw new PlanqlError(
        'DUPLICATE_OP',
        `Two step classes have the op "${stepClass.op}": ${className(known.value as StepClass)}, planned for ${known.place}, and ${className(stepClass)}, planned for ${placed(coordinate)}. Give each an op of its own.`,
      );
    }
    this.#assertRoom(this.#classes);
    this.#classes.set(stepClass.op, { value: stepClass, place: placed(coordinate) });
  }

  noteReference(value: object, coordinate: string | null): void {
    const name = referenceName(value);
    if (name === null) return;
    const known = this.#references.get(name);
    if (known?.value === value) return;
    if (known?.place === placed(coordinate) && coordinate !== GIVEN) {
      // A plan holds its own value; by name nobody can say which of the two is meant.
      this.#references.set(name, { value: null, place: known.place });
      return;
    }
    if (known !== undefined) refuseName(name, known, coordinate);
    this.#assertRoom(this.#references);
    this.#references.set(name, { value, place: placed(coordinate) });
    for (const part of partsOf(value)) this.noteReference(part, coordinate);
  }

  #assertRoom({ size }: ReadonlyMap<string, unknown>): void {
    if (size < MOST_NAMES) return;
    throw new PlanqlError(
      'TOO_MANY_NAMES',
      `An engine knows ${MOST_NAMES} names at the most. Make loaders, functions and step classes outside of plan resolvers.`,
    );
  }

  stepClass(op: string): StepClass | undefined {
    return this.#classes.get(op)?.value ?? definedOnce(offeredClasses.get(op));
  }

  /** The version of the step class of this op; 1 by default. */
  version(op: string): number {
    return this.stepClass(op)?.version ?? 1;
  }

  reference(name: string): object | undefined {
    const known = this.#references.get(name);
    if (known !== undefined) return known.value ?? undefined;
    return this.#isClosed ? undefined : definedOnce(offeredReferences.get(name));
  }

  /** Why a step of this op cannot be imported; null: it can. */
  classProblem(op: string): string | null {
    if (this.stepClass(op) !== undefined) return null;
    const offered = offeredClasses.get(op);
    if (offered === undefined) return `No step class is registered for "${op}". Call registerSteps() with it.`;
    return ambiguous('step classes', op, offered);
  }

  /** Why a reference cannot be imported; null: it can. */
  referenceProblem(name: string): string | null {
    if (this.reference(name) !== undefined) return null;
    const known = this.#references.get(name);
    if (known !== undefined)
      return `The plan resolver of ${known.place} makes "${name}" anew for each plan. Make it outside.`;
    const offered = this.#isClosed ? undefined : offeredReferences.get(name);
    if (offered !== undefined) return ambiguous('things', name, offered);
    return this.#isClosed ? `This engine was not given "${name}".` : `This process has not defined "${name}".`;
  }
}

/** Refuses a second thing under the name of another one in the same plan. */
function assertSame(known: Map<string, Definition<object>>, value: object, coordinate: string | null): void {
  const name = referenceName(value);
  if (name === null) return;
  const before = known.get(name);
  if (before === undefined) known.set(name, { value, place: placed(coordinate) });
  else if (before.value !== value) refuseName(name, before, coordinate);
}

function refuseName(name: string, { place }: Definition<object>, coordinate: string | null): never {
  throw new PlanqlError(
    'DUPLICATE_NAME',
    `Two things have the name "${name}": one was planned for ${place}, another one for ${placed(coordinate)}. Give each a name of its own.`,
  );
}

function ambiguous(kind: string, name: string, offered: Offered<object>): string {
  const places = 'places' in offered ? offered.places.join(' and ') : 'one place';
  return `Two ${kind} of this process are named "${name}", at ${places}. Say which one is meant: createEngine({ names: [...] }).`;
}

function definedOnce<T>(offered: Offered<T> | undefined): T | undefined {
  return offered !== undefined && 'value' in offered ? offered.value : undefined;
}

function placed(coordinate: string | null): string {
  if (coordinate === null) return 'the operation';
  return coordinate.endsWith(')') ? coordinate : `"${coordinate}"`;
}

function isStepClass(value: unknown): value is StepClass {
  return typeof value === 'function' && 'fromParams' in value && 'op' in value;
}
