import {
  type FieldNode,
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLObjectType,
  getArgumentValues,
  getNullableType,
  isInputObjectType,
  isListType,
  Kind,
  type ValueNode,
} from 'graphql';
import { PlanqlError } from '../../errors/PlanqlError.ts';
import { argumentNode, holdsEnumObject } from '../../schema/ownInput.ts';
import type { FieldArgs, FieldArgsReader } from '../../schema/planResolvers.ts';
import { isPureLiteral } from '../../schema/pureScalars.ts';
import { ArgumentsStep } from '../../schema/steps/ArgumentsStep.ts';
import { AccessStep, type PathKey, readPath } from '../../step/builtin/AccessStep.ts';
import { ConstantStep } from '../../step/builtin/ConstantStep.ts';
import type { Step } from '../../step/Step.ts';
import { didYouMean } from '../../utils/didYouMean.ts';
import { isJson } from '../../utils/isJson.ts';
import type { References } from './References.ts';

/** The arguments of one field of an operation: constants where no variable is in them, else coerced at run time. */
export class FieldArguments {
  readonly parentType: GraphQLObjectType;
  readonly field: GraphQLField<unknown, unknown>;
  readonly #node: FieldNode;
  readonly #references: References;
  readonly #values: Record<string, unknown> | null;
  #$all: Step<Record<string, unknown>> | null = null;

  constructor(
    parentType: GraphQLObjectType,
    field: GraphQLField<unknown, unknown>,
    node: FieldNode,
    references: References,
  ) {
    this.parentType = parentType;
    this.field = field;
    this.#node = node;
    this.#references = references;
    this.#values = field.args.length === 0 ? {} : literalValues(field, node);
  }

  /** The step whose failure is the failure of the field: coercion at run time. Null where it cannot fail. */
  get $required(): Step | null {
    return this.#values === null ? this.#coerced() : null;
  }

  all(): Step<Record<string, unknown>> {
    this.#$all ??= this.#values !== null ? new ConstantStep(this.#values) : this.#coerced();
    return this.#$all;
  }

  at(path: readonly PathKey[]): Step {
    this.typeAt(path);
    if (this.#values !== null) return new ConstantStep(readPath(this.#values, path));
    return new AccessStep(this.#coerced(), path);
  }

  typeAt(path: readonly PathKey[]): GraphQLInputType {
    const [name, ...rest] = path;
    const argument = this.field.args.find((known) => known.name === name);
    if (argument === undefined) throw this.#unknown(`argument "${String(name)}"`, String(name), this.field.args);
    let type: GraphQLInputType = argument.type;
    for (const key of rest) {
      const nullable = getNullableType(type);
      if (isListType(nullable) && typeof key === 'number') {
        type = nullable.ofType;
      } else if (isInputObjectType(nullable)) {
        const fields = nullable.getFields();
        const field = Object.hasOwn(fields, key) ? fields[key] : undefined;
        if (field === undefined)
          throw this.#unknown(`"${String(key)}" in ${nullable.name}`, String(key), Object.values(fields));
        type = field.type;
      } else {
        throw new PlanqlError(
          'UNKNOWN_ARGUMENT',
          `${this.#coordinate} has no "${String(key)}" in its ${String(type)}.`,
        );
      }
    }
    return type;
  }

  #coerced(): Step<Record<string, unknown>> {
    const node = this.#references.ordinal(this.#node);
    return new ArgumentsStep({ parentType: this.parentType.name, fieldName: this.field.name, node });
  }

  get #coordinate(): string {
    return `${this.parentType.name}.${this.field.name}`;
  }

  #unknown(what: string, name: string, known: readonly { readonly name: string }[]): PlanqlError {
    const names = known.map((entry) => entry.name);
    return new PlanqlError('UNKNOWN_ARGUMENT', `${this.#coordinate} has no ${what}.${didYouMean(name, names)}`);
  }
}

/**
 * The coerced arguments when they are data that depends on no variable and is right; null when that is for run time to
 * find out.
 */
function literalValues(field: GraphQLField<unknown, unknown>, node: FieldNode): Record<string, unknown> | null {
  for (const { name, type } of field.args) {
    const value = argumentNode(name, node.arguments);
    if (value !== null && (hasVariable(value) || !isPureLiteral(type, value))) return null;
  }
  try {
    const values = getArgumentValues(field, node);
    return isJson(values) && !field.args.some(({ name, type }) => holdsEnumObject(type, values[name])) ? values : null;
  } catch {
    // Coerced again at run time, where graphql-js' error becomes the field's.
    return null;
  }
}

function hasVariable(value: ValueNode): boolean {
  switch (value.kind) {
    case Kind.VARIABLE:
      return true;
    case Kind.LIST:
      return value.values.some(hasVariable);
    case Kind.OBJECT:
      return value.fields.some((field) => hasVariable(field.value));
    default:
      return false;
  }
}

/** The arguments object of a plan resolver. The `$name` getters of a field are made once, not once a plan. */
const readers = new WeakMap<GraphQLField<unknown, unknown>, new (source: FieldArguments) => FieldArgsReader>();

export function fieldArgs(source: FieldArguments): FieldArgs {
  let Reader = readers.get(source.field);
  if (Reader === undefined) {
    Reader = makeReader(source.field);
    readers.set(source.field, Reader);
  }
  return new Reader(source) as FieldArgs;
}

function makeReader(field: GraphQLField<unknown, unknown>): new (source: FieldArguments) => FieldArgsReader {
  class Reader implements FieldArgsReader {
    readonly #source: FieldArguments;

    constructor(source: FieldArguments) {
      this.#source = source;
    }

    static argument(reader: Reader, path: readonly PathKey[]): Step {
      return reader.#source.at(path);
    }

    at(argument: string, ...path: ReadonlyArray<PathKey>): Step {
      return this.#source.at([argument, ...path]);
    }

    typeAt(argument: string, ...path: ReadonlyArray<PathKey>): GraphQLInputType {
      return this.#source.typeAt([argument, ...path]);
    }

    all(): Step<Record<string, unknown>> {
      return this.#source.all();
    }
  }
  Object.setPrototypeOf(Reader.prototype, unknownArguments);
  for (const { name } of field.args) {
    const path = [name];
    Object.defineProperty(Reader.prototype, `$${name}`, {
      get(this: Reader) {
        return Reader.argument(this, path);
      },
    });
  }
  return Reader;
}

/** The prototype of the `$name` getters of a field: it refuses the names of arguments that the field does not have. */
const unknownArguments = new Proxy(Object.prototype, {
  get(target, key, reader: FieldArgsReader) {
    if (typeof key === 'string' && key.startsWith('$')) reader.typeAt(key.slice(1)); // throws
    return Reflect.get(target, key, reader);
  },
});
