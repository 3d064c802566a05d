import { GraphQLError, versionInfo } from 'graphql';
import { objectOutput } from '../../plan/outputAt.ts';
import type { ListOutput, ObjectOutput } from '../../plan/Plan.ts';
import { nodeAt } from '../../utils/nodeAt.ts';
import type { LinkedPlan } from '../link/LinkedPlan.ts';
import type { RunState } from '../state/RunState.ts';

type Directive = 'defer' | 'stream';

/** Returns an error if an event of a subscription has a part that would be delivered later. */
export type RefusedPart = (run: RunState) => GraphQLError | null;

/** Null if no part of this object would be delivered later, or if such parts are allowed. */
export function refusedDefer(linked: LinkedPlan, { defers }: ObjectOutput): RefusedPart | null {
  if (!refuses(linked)) return null;
  const guards = defers.map((defer) => linked.plan.defers[defer]?.guard ?? 0);
  return guards.length === 0 ? null : refusing('defer', guards);
}

/** Like `refusedDefer`, for the items of a list. */
export function refusedStream(linked: LinkedPlan, { layer }: ListOutput): RefusedPart | null {
  if (!refuses(linked) || layer === -1) return null;
  const { stream } = nodeAt(linked.plan.layers, layer);
  return stream === null ? null : refusing('stream', [stream.guard]);
}

/** The error that replaces an event whose root object would be deferred. */
export function refusedRoot(linked: LinkedPlan, run: RunState): GraphQLError | null {
  if (run.stage !== 'event') return null;
  return refusedDefer(linked, objectOutput(linked.plan, linked.plan.root))?.(run) ?? null;
}

/** graphql-js 16 does not know the directives and ignores them. */
function refuses({ plan }: LinkedPlan): boolean {
  return versionInfo.major >= 17 && plan.operation === 'subscription';
}

function refusing(directive: Directive, guards: readonly number[]): RefusedPart {
  return (run) => (guards.some((guard) => run.holds(guard)) ? refusal(directive) : null);
}

function refusal(directive: Directive): GraphQLError {
  return new GraphQLError(
    `\`@${directive}\` directive not supported on subscription operations. Disable \`@${directive}\` by setting the \`if\` argument to \`false\`.`,
  );
}
