import { defaultFieldResolver, type FieldNode, type GraphQLArgument, type GraphQLFieldResolver, Kind } from 'graphql';
import type { LinkContext } from '../../step/LinkContext.ts';
import { failOverdue } from '../../step/overdueRows.ts';
import type { ParamShapes } from '../../step/paramShapes.ts';
import type { PlacedExtra } from '../../step/RequestFacts.ts';
import { type Entry, remake, Step } from '../../step/Step.ts';
import type { StepLoad } from '../../step/StepLoad.ts';
import { fail } from '../../step/signals.ts';
import { argumentNode, hasWritableDefault, isWritable, ownInput, variablesByName } from '../ownInput.ts';
import { fieldNodeOf } from './linkedSchema.ts';
import {
  type FieldParams,
  fieldShapes,
  includedNodes,
  type LinkedField,
  linkField,
  ownArguments,
  resolveInfo,
} from './resolveInfo.ts';

type Resolver = GraphQLFieldResolver<unknown, unknown>;

/** Which of a field's functions runs: its own resolver, the request's, graphql-js' default one, or `subscribe`. */
export type ResolverSource = 'field' | 'request' | 'default' | 'subscribe';

export type ResolverParams = FieldParams & { readonly source: ResolverSource };

/** Represents the result of a graphql-js resolver for each parent. Never merged: every field runs its own. */
export class ResolverStep extends Step {
  static override readonly op = 'resolve';
  static override readonly paramShapes: ParamShapes = {
    ...fieldShapes,
    source: { enum: ['field', 'request', 'default', 'subscribe'] },
  };
  declare params: ResolverParams & Record<string, unknown>;
  declare linked: LinkedField;
  /** The arguments whose literals and defaults can be written to: each call gets its own, as graphql-js gives. */
  declare writable: readonly GraphQLArgument[];

  /** A resolver may do anything: planql does not see it, and the bound of a cost does not count it. */
  override get load(): StepLoad | null {
    return null;
  }

  constructor($parent: Step, $args: Step, params: ResolverParams) {
    super();
    this.addDependency($parent);
    this.addGlobalDependency($args);
    this.params = { ...params };
  }

  static override fromParams(params: ResolverStep['params'], link: LinkContext): Step {
    const step = remake(this, params);
    step.linked = linkField(params, link);
    step.writable = writableArguments(step.linked);
    return step;
  }

  override get isPinned(): boolean {
    return true;
  }

  override execute(
    count: number,
    [parents, args]: readonly [readonly unknown[], Record<string, unknown>],
    extra: PlacedExtra,
  ): ReadonlyArray<Entry<unknown>> {
    const { linked } = this;
    const resolve = resolverOf(this.params.source, linked, extra);
    const nodes = includedNodes(linked, extra);
    const hasArgs = linked.field.args.length > 0;
    const variables = this.writable.length === 0 ? null : variablesByName(extra.variableValues);
    const results = new Array<Entry<unknown>>(count);
    const isTimed = extra.deadline !== null;
    for (let row = 0; row < count; row++) {
      if (isTimed && failOverdue(results, row, extra)) break;
      try {
        const own = ownArguments(hasArgs ? args : null);
        if (variables !== null) ownWritable(this.writable, own, nodes[0], variables);
        results[row] = resolve(parents[row], own, extra.context, resolveInfo(linked, nodes, row, extra));
      } catch (error) {
        results[row] = fail(error);
      }
    }
    return results;
  }
}

function resolverOf(source: ResolverSource, { field }: LinkedField, { request }: PlacedExtra): Resolver {
  switch (source) {
    case 'field':
      return field.resolve ?? defaultFieldResolver;
    case 'request':
      return (request.fieldResolver as Resolver | null) ?? defaultFieldResolver;
    case 'subscribe':
      return field.subscribe ?? (request.subscribeFieldResolver as Resolver | null) ?? defaultFieldResolver;
    case 'default':
      return defaultFieldResolver;
  }
}

function writableArguments({ field, nodes, link }: LinkedField): readonly GraphQLArgument[] {
  if (field.args.length === 0 || nodes[0] === undefined) return NONE;
  const { arguments: given } = fieldNodeOf(link, nodes[0].node);
  const writable = field.args.filter((argument) => {
    const node = argumentNode(argument.name, given);
    // A variable without a value leaves the argument its default.
    if (node === null || node.kind === Kind.VARIABLE) return hasWritableDefault(argument);
    return isWritable(argument.type, node);
  });
  return writable.length === 0 ? NONE : writable;
}

const NONE: readonly never[] = [];

function ownWritable(
  writable: readonly GraphQLArgument[],
  args: Record<string, unknown>,
  node: FieldNode | undefined,
  variables: Readonly<Record<string, unknown>>,
): void {
  for (const { name, type } of writable) {
    const given = args[name];
    if (given !== undefined) args[name] = ownInput(type, given, argumentNode(name, node?.arguments), variables);
  }
}
