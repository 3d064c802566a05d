import type { GraphQLFieldResolver, GraphQLSchema } from 'graphql';
import { SafeError } from 'planql';
import { Exit, Failure } from '../../../src/step/signals.ts';
import { schemaOf, type TypeBehaviour } from '../../conformance/schemaOf.ts';
import { oneOf } from './loaders.ts';
import type { Pages } from './pages.ts';
import { type Recipe, recipe } from './Recipe.ts';
import { RowScope } from './RowScope.ts';
import { membersOf, objectTypes, type RowType, type Shape } from './Shape.ts';
import type { FieldSpec, HiddenForm, Spec, TypeSpec } from './Spec.ts';
import { itemsOf, kept, settled } from './settled.ts';
import type { RequestContext } from './World.ts';

// biome-ignore lint/suspicious/noExplicitAny: sources are rows
type Resolver = GraphQLFieldResolver<any, RequestContext>;

/** The same schema with resolvers: each makes the value of one row. `build` makes a schema of SDL. */
export function resolverSchemaOf(
  spec: Spec,
  typeDefs: string,
  build: (typeDefs: string) => GraphQLSchema,
): GraphQLSchema {
  const behaviour: Record<string, TypeBehaviour> = Object.fromEntries(
    spec.types.map((type) => [
      type.name,
      { fields: Object.fromEntries(type.fields.map((field) => [field.name, resolverOf(field, spec)])) },
    ]),
  );
  for (const name of ['Thing', 'Either', 'Node']) behaviour[name] = { resolveType: typeNameOf };
  for (const name of objectTypes) Object.assign(behaviour[name]?.fields ?? {}, { ns: ownList });
  const schema = schemaOf(typeDefs, behaviour, build);
  const subscriptions = schema.getSubscriptionType()?.getFields() ?? {};
  for (const field of spec.types.flatMap(({ fields }) => fields)) {
    const { topic } = field;
    if (topic !== null && subscriptions[field.name] !== undefined)
      (subscriptions[field.name] as { subscribe?: Resolver }).subscribe = async (source, args, context, info) => {
        const scope = new RowScope([settled(source)], args, context, info.rootValue);
        return context.pubsub.subscribe((await scope.resolve(topic)) as string);
      };
  }
  return schema;
}

/** Makes the value of a field for one row. */
export function resolverOf(field: FieldSpec, spec: Spec): Resolver {
  const completion = new Completion(spec);
  return (source, args, context, info) => {
    const scope = new RowScope([settled(source)], args, context, info.rootValue);
    const given = scope.resolve(completion.isFoundByKey(field.shape) ? keyed(field.recipe) : field.recipe);
    return completion.value(field.shape, given, {
      hidden: field.hidden,
      scope,
      strict: field.strict,
      isLeftOut: false,
    });
  };
}

/**
 * An attribute may be a step, whose lists planql reads whatever they are, with items that ended early; graphql-js 16 completes no
 * async iterables.
 */
function ownList({ ns }: { readonly ns: unknown }): unknown {
  if (Array.isArray(ns)) return ns.map((item) => (item instanceof Exit ? item.value : item));
  const isAsync = typeof ns === 'object' && ns !== null && Symbol.asyncIterator in ns;
  return isAsync ? itemsOf(ns) : ns;
}

/** Only the key of a row is read: what else is in it, and fails, does not matter. */
const keyed = (of: Recipe): Recipe => recipe('record', [recipe('get', [of], 'id')], ['id']);

/** The types of objects that were loaded for a type that was known before. */
const typeNames = new WeakMap<object, string>();

async function typeNameOf(value: object): Promise<unknown> {
  return typeNames.get(value) ?? settled((value as { kind?: unknown }).kind);
}

interface Place {
  readonly hidden: HiddenForm | null;
  readonly scope: RowScope;
  /** Where the type here has `!`: outer places first. */
  readonly strict: readonly boolean[];
  /** Items of lists of non-null items are left out where they are hidden. */
  readonly isLeftOut: boolean;
}

const LEFT_OUT = Symbol('left out');

/** Turns what a recipe yields into what graphql-js completes. */
class Completion {
  readonly #types: ReadonlyMap<string, TypeSpec>;
  readonly #spec: Spec;

  constructor(spec: Spec) {
    this.#spec = spec;
    this.#types = new Map(spec.types.map((type) => [type.name, type]));
  }

  isFoundByKey(shape: Shape): boolean {
    if (shape.is !== 'row' || (shape.of !== 'Thing' && shape.of !== 'Either')) return false;
    return this.#spec.typeForms[shape.of].by === 'key';
  }

  async value(shape: Shape, given: Promise<unknown>, place: Place): Promise<unknown> {
    const outcome = await given;
    const value = outcome instanceof Exit ? outcome.value : outcome;
    if (value === null || value === undefined) return null;
    switch (shape.is) {
      case 'list':
        return this.#list(shape.of, await itemsOf(value), place);
      case 'row':
        return this.#row(shape.of, value, place);
      case 'pages':
        return this.#pages(shape.of, value as Pages, place);
      default:
        return value;
    }
  }

  async #list(
    shape: Shape,
    items: readonly unknown[],
    { hidden, scope, strict: [, ...strict] }: Place,
  ): Promise<unknown> {
    const place = { hidden, scope, strict, isLeftOut: strict[0] === true };
    const completed = items.map((item) => this.value(shape, settled(item), place));
    const outcomes = await Promise.all(completed.map(kept));
    return outcomes.flatMap((outcome) => {
      if (outcome === LEFT_OUT) return [];
      return [outcome instanceof Failure ? outcome.error : outcome];
    });
  }

  async #row(of: RowType, given: unknown, place: Place): Promise<unknown> {
    const { type, row } = await this.#typed(of, given, place.scope);
    if (row === null || row === undefined) return null;
    const { authorize = null, hidden = 'null' } = (type === null ? null : this.#types.get(type)) ?? {};
    if (authorize === null) return row;
    const inside = new RowScope([settled(row)], {}, place.scope.context, place.scope.rootValue);
    const answer = await inside.resolve(authorize);
    if (!(answer instanceof Exit) && answer) return row;
    const instead = place.hidden ?? hidden;
    if (instead === 'error') throw new SafeError('It is hidden.');
    return instead === 'leaveOut' && place.isLeftOut ? LEFT_OUT : null;
  }

  /** The object type of a value, and its object; no type where graphql-js finds none, and says so. */
  async #typed(of: RowType, given: unknown, { context }: RowScope): Promise<{ type: string | null; row: unknown }> {
    // Nothing is loaded for no key.
    const load = async (form: Spec['nodeForm'], key: unknown): Promise<unknown> =>
      isNull(key)
        ? null
        : settled(
            form.answers === 'throws' ? new Error('the loader throws') : oneOf(form, key, context, null, undefined),
          );
    if (of === 'Node') {
      const { typename, key } = given as { typename: string; key: unknown };
      return named(typename, await load(this.#spec.nodeForm, key));
    }
    if (of !== 'Thing' && of !== 'Either') return { type: of, row: given };
    const form = this.#spec.typeForms[of];
    const id = form.by === 'kind' ? null : await settled((given as { id: unknown }).id);
    if (form.by === 'key' && isNull(id)) return { type: null, row: null };
    const row = form.by === 'key' ? await load(form.form, id) : given;
    const kind = await kept(settled((row as { kind?: unknown } | null)?.kind));
    const isKnown = (membersOf[of] as readonly unknown[]).includes(kind);
    if (!isKnown) {
      typeNames.delete(row as object); // it may have had a type where it was loaded
      return { type: null, row: row ?? {} };
    }
    return named(kind as string, form.by === 'kind, loaded' ? await load(form.form, id) : row);
  }

  #pages(of: RowType, pages: Pages, place: Place): object {
    const row: Shape = { is: 'row', of };
    const part = { ...place, strict: [], isLeftOut: false };
    return {
      nodes: () => this.value({ is: 'list', of: row }, settled(pages.nodes()), part),
      edges: async () => {
        const edges = await settled(pages.edges());
        if (!Array.isArray(edges)) return edges;
        return edges.map((edge) => {
          if (edge instanceof Failure) return edge.error;
          if (edge instanceof Error || edge === null) return edge;
          return { cursor: edge.cursor, node: () => this.value(row, settled(edge.node), part) };
        });
      },
      pageInfo: () => pages.pageInfo(),
      totalCount: () => pages.totalCount(),
    };
  }
}

const isNull = (value: unknown): boolean => value === null || value === undefined;

function named(type: string, row: unknown): { type: string; row: unknown } {
  if (typeof row === 'object' && row !== null) typeNames.set(row, type);
  return { type, row };
}
