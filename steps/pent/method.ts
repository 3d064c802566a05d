import { errorOf } from '../../src/errors/errorOf.ts';
import { descriptorOf } from '../../src/pent/assertWritten.ts';
import type { PentClass, PentType } from '../../src/pent/contract.ts';
import { PentError } from '../../src/pent/errors.ts';
import { definitionOf } from '../../src/pent/ofType.ts';
import type { Pent } from '../../src/pent/Pent.ts';
import { constant } from '../../src/step/builtin/ConstantStep.ts';
import type { ExecuteExtra } from '../../src/step/ExecuteExtra.ts';
import type { GuardsObjects } from '../../src/step/GuardsObjects.ts';
import { namedFunction, type ParamShapes, text } from '../../src/step/paramShapes.ts';
import { type Entry, Step, type StepResult } from '../../src/step/Step.ts';
import { isPromiseLike } from '../../src/utils/isPromiseLike.ts';
import { fn } from '../fn.ts';
import { PentWorldStep } from './authorizePent.ts';
import { contextOf } from './contextOf.ts';
import { methodConnection } from './methodConnection.ts';
import type { FindPage } from './PentMethodPageStep.ts';

// biome-ignore-start lint/suspicious/noExplicitAny: a hand-written method takes and gives any values
type Method = (this: unknown, ...args: any[]) => any;
type AnyStep = Step<any>;
type Plan = ($parent: AnyStep, fieldArgs: any, info: any) => AnyStep;
// biome-ignore-end lint/suspicious/noExplicitAny: as above

/** The code of an application may give objects that it has read past privacy. */
abstract class OwnCodeStep extends Step implements GuardsObjects {
  guardObject($object: Step, typeName: string): Step {
    return new PentWorldStep($object, typeName);
  }
}

/** Represents the result of a hand-written method of Pents. Its loads in a batch of Pents are loaded together. */
export class PentMethodStep extends OwnCodeStep {
  static override readonly op = 'pent.method';
  static override readonly paramShapes: ParamShapes = { name: text };
  declare params: { readonly name: string };

  constructor($pent: Step, $args: Step, name: string) {
    super();
    this.addDependency($pent);
    this.addDependency($args);
    this.params = { name };
  }

  override execute(
    count: number,
    [pents, args]: readonly [ReadonlyArray<Pent | null>, readonly unknown[]],
    extra: ExecuteExtra,
  ): StepResult<unknown> {
    contextOf(extra);
    const name = this.params.name;
    return each(count, extra, (row) => {
      const pent = pents[row] as Record<string, Method> | null;
      return pent === null ? null : (pent[name] as Method).call(pent, args[row]);
    });
  }
}

/** Represents the result of a hand-written function of a root type. A field of Mutation has side effects. */
export class RootMethodStep extends OwnCodeStep {
  static override readonly op = 'pent.rootMethod';
  static override readonly paramShapes: ParamShapes = { f: namedFunction };
  declare params: { readonly f: Method };

  constructor($args: Step, f: Method, hasSideEffects: boolean) {
    super();
    this.addDependency($args);
    this.params = { f };
    this.hasSideEffects = hasSideEffects;
  }

  override execute(count: number, [args]: readonly [readonly unknown[]], extra: ExecuteExtra): StepResult<unknown> {
    const context = contextOf(extra);
    const f = this.params.f;
    return each(count, extra, (row) => f(args[row], context));
  }
}

function each(
  count: number,
  extra: ExecuteExtra,
  call: (row: number) => Entry<unknown>,
): ReadonlyArray<Entry<unknown>> {
  const results: Entry<unknown>[] = [];
  let isWaiting = false;
  for (let row = 0; row < count; row++) {
    try {
      const result = call(row);
      isWaiting ||= isPromiseLike(result);
      results.push(result);
    } catch (error) {
      results.push(errorOf(error));
    }
  }
  // A method that waits for nothing computes with what it was given; what it asks of Kvetch is recorded.
  if (!isWaiting && extra.recordsDependencies) extra.recordDependencies('', []);
  return results;
}

/** The plan of a `@custom` field: calls the method of its name. Throws at once where the class has none. */
function ofPent(pentClass: PentClass, name: string): Plan {
  const { name: type } = definitionOf(pentClass);
  const { value, get } = descriptorOf(pentClass.prototype, name) ?? {};
  if (typeof value !== 'function' && get === undefined)
    throw unimplemented(type, `a method "${name}"`, `${type}.${name}`);
  return ($pent, fieldArgs) => new PentMethodStep($pent, fieldArgs.all(), name);
}

/** The plan of a `@custom` root field: calls the static method of its name with the arguments and the context. */
function ofRoot(root: object & { readonly name?: string }, name: string): Plan {
  const found: unknown = Reflect.get(root, name);
  const place = `${root.name}.${name}`;
  if (typeof found !== 'function') throw unimplemented(String(root.name), `a static method "${name}"`, place);
  const f = fn(`pent.root.${place}`, (args: unknown, context: unknown) => found.call(root, args, context));
  return (_$root, fieldArgs) => new RootMethodStep(fieldArgs.all(), f, root.name === 'Mutation');
}

/** The plan of a `@custom` field of a class that is a connection: its method finds pages of references. */
function connection(pentClass: PentClass, name: string, types: PentType | readonly PentType[]): Plan {
  const { name: type } = definitionOf(pentClass);
  const place = `${type}.${name}`;
  const { value } = descriptorOf(pentClass.prototype, name) ?? {};
  if (typeof value !== 'function') throw unimplemented(type, `a method "${name}"`, place);
  const find: FindPage = (pent, args) => Reflect.apply(value, pent, [args]);
  const f = fn(`pent.page.${place}`, find);
  return ($pent, fieldArgs) => methodConnection(f, place, types, $pent, fieldArgs);
}

/** The same for a field of a root type. */
function rootConnection(
  root: object & { readonly name?: string },
  name: string,
  types: PentType | readonly PentType[],
): Plan {
  const found: unknown = Reflect.get(root, name);
  const place = `${root.name}.${name}`;
  if (typeof found !== 'function') throw unimplemented(String(root.name), `a static method "${name}"`, place);
  const find: FindPage = (_of, args, context) => found.call(root, args, context);
  const f = fn(`pent.page.${place}`, find);
  return (_$root, fieldArgs) => methodConnection(f, place, types, constant({}), fieldArgs);
}

/** The plan of a `@customGen` field: the static plan resolver of its name. */
function planned(owner: object & { readonly name?: string }, name: string): Plan {
  const found: unknown = Reflect.get(owner, name);
  if (typeof found !== 'function') {
    throw unimplemented(String(owner.name), `a static plan resolver "${name}"`, `${owner.name}.${name}`);
  }
  return ($parent, fieldArgs, info) => found.call(owner, $parent, fieldArgs, info);
}

function unimplemented(type: string, what: string, place: string): PentError<'NOT_IMPLEMENTED'> {
  return new PentError('NOT_IMPLEMENTED', `The field ${place} is custom, but pents/${type}.ts lacks ${what}. Add it.`);
}

/** Plans for fields that are written by hand; see the guide of Grapple. */
export const method: typeof ofPent & {
  readonly root: typeof ofRoot;
  readonly plan: typeof planned;
  readonly connection: typeof connection;
  readonly rootConnection: typeof rootConnection;
} = Object.assign(ofPent, { root: ofRoot, plan: planned, connection, rootConnection });
