import { defaultFieldResolver, type GraphQLFieldResolver } from 'graphql';
import type { LinkContext } from '../../step/LinkContext.ts';
import type { ParamShapes } from '../../step/paramShapes.ts';
import type { PlacedExtra } from '../../step/RequestFacts.ts';
import { type Entry, Step } from '../../step/Step.ts';
import { fail } from '../../step/signals.ts';
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

/** Represents what a graphql-js resolver returns for each parent. Never merged: every field runs its own. */
export class ResolverStep extends Step {
  static override readonly op = 'resolve';
  static override readonly paramShapes: ParamShapes = {
    ...fieldShapes,
    source: { enum: ['field', 'request', 'default', 'subscribe'] },
  };
  declare params: ResolverParams & Record<string, unknown>;
  declare linked: LinkedField;

  constructor($parent: Step, $args: Step, params: ResolverParams) {
    super();
    this.addDependency($parent);
    this.addGlobalDependency($args);
    this.params = { ...params };
  }

  static override fromParams(params: ResolverStep['params'], link: LinkContext): Step {
    const step = super.fromParams(params, link) as ResolverStep;
    step.linked = linkField(params, link);
    return step;
  }

  override get isPinned(): boolean {
    return true;
  }

  override peerKey(): string | null {
    return null;
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
    const results = new Array<Entry<unknown>>(count);
    for (let row = 0; row < count; row++) {
      try {
        const own = ownArguments(hasArgs ? args : null);
        results[row] = resolve(
          parents[row],
          own,
          extra.context,
          resolveInfo(linked, nodes, row, extra),
        ) as Entry<unknown>;
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
