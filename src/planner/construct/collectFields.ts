import {
  type FieldNode,
  type FragmentDefinitionNode,
  type FragmentSpreadNode,
  type GraphQLObjectType,
  type GraphQLSchema,
  type InlineFragmentNode,
  isAbstractType,
  isObjectType,
  Kind,
  type SelectionNode,
  type SelectionSetNode,
  type TypeNode,
} from 'graphql';
import { getOrCreate } from '../../utils/getOrCreate.ts';
import { mustGet } from '../../utils/mustGet.ts';
import { nodeAt } from '../../utils/nodeAt.ts';
import type { Budget } from '../limits.ts';
import type { DecideCondition } from './decideConditions.ts';
import { type DeferredVisit, type DeferUsage, deferUsage, sameSpread } from './deferUsage.ts';
import { directiveCondition } from './directiveArguments.ts';
import { ALWAYS, type GuardTable, NEVER } from './GuardTable.ts';

/** A selection set, and the guard under which it is selected. */
export interface SelectionEntry {
  readonly selectionSet: SelectionSetNode;
  readonly guard: number;
  /** The deferred fragment that it is part of; null: it is delivered with its object. */
  readonly usage: DeferUsage | null;
}

/** The field nodes that share a response key. */
export interface FieldGroup {
  readonly key: string;
  readonly name: string;
  readonly nodes: { readonly node: FieldNode; readonly guard: number; readonly usage: DeferUsage | null }[];
  guard: number;
  /** Selected for one object type only: there is no selection of another type to combine it with. */
  exclusive: boolean;
}

/** Where a field stands in the response: a field whose first node is conditional may stand in several places. */
export interface GuardedField {
  readonly group: FieldGroup;
  readonly guard: number;
}

/** The fields of an object, and the deferred fragments that its selections begin. */
export interface CollectedFields {
  readonly slots: readonly GuardedField[];
  readonly usages: readonly DeferUsage[];
}

export interface CollectContext {
  readonly schema: GraphQLSchema;
  readonly guards: GuardTable;
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  /** All deferred fragments of the plan; the place of one in this list is its number. */
  readonly usages: DeferUsage[];
  /** Decides conditions here and now, where the plan is for one request only. Null: they become guards. */
  readonly decide: DecideCondition | null;
  /** Where the fields and fragments that are met are counted; null: they were counted before. */
  readonly budget: () => Pick<Budget, 'select' | 'spread'> | null;
}

/**
 * The fields selected on an object type, in response order. Implements `CollectFields`, with the conditions that
 * depend on variables turned into guards instead of being decided (rule R6).
 */
export function collectFields(
  context: CollectContext,
  type: GraphQLObjectType,
  entries: readonly SelectionEntry[],
  known: DeferUsage[] = [],
): CollectedFields {
  const plain = plainFields(context, entries);
  if (plain !== null) return plain;
  const exact = collect(context, type, entries, null, known);
  // Too many ways lead to the same fragments. Each is then visited once, under all its conditions together.
  return exact ?? (collect(context, type, entries, totalGuards(context, type, entries), known) as CollectedFields);
}

const NO_USAGES: readonly DeferUsage[] = [];

/** Above this keys are no longer compared with each other. */
const MAX_PLAIN = 16;

/**
 * The common case: a few fields under keys of their own, and nothing else. Null where a selection has more.
 */
function plainFields(context: CollectContext, entries: readonly SelectionEntry[]): CollectedFields | null {
  const entry = entries[0];
  if (entry === undefined || entries.length > 1 || entry.guard !== ALWAYS || entry.usage !== null) return null;
  const { selections } = entry.selectionSet;
  if (selections.length > MAX_PLAIN) return null;
  const slots: GuardedField[] = new Array(selections.length);
  for (let index = 0; index < selections.length; index++) {
    const node = nodeAt(selections, index);
    if (node.kind !== Kind.FIELD || (node.directives !== undefined && node.directives.length > 0)) return null;
    const name = node.name.value;
    const key = node.alias === undefined ? name : node.alias.value;
    for (let other = 0; other < index; other++) if (slots[other]?.group.key === key) return null;
    const group = { key, name, nodes: [{ node, guard: ALWAYS, usage: null }], guard: ALWAYS, exclusive: false };
    slots[index] = { group, guard: ALWAYS };
  }
  context.budget()?.select(selections.length);
  return { slots, usages: NO_USAGES };
}

/** How often one collection visits fragments again for another condition before it stops telling visits apart. */
const MAX_REVISITS = 64;

/** Null when fragments were visited again too often; never null with `totals`, the guard of each fragment's visits. */
function collect(
  context: CollectContext,
  type: GraphQLObjectType,
  entries: readonly SelectionEntry[],
  totals: ReadonlyMap<string, number> | null,
  known: DeferUsage[],
): CollectedFields | null {
  const groups = new Map<string, FieldGroup>();
  const slots: GuardedField[] = [];
  let visited: Map<string, number> | null = null;
  let deferred: Map<string, DeferredVisit[]> | null = null;
  let usages: Set<DeferUsage> | null = null;
  const { guards } = context;
  const budget = context.budget();
  let revisits = 0;
  const isRepeated =
    entries.length > 1 && new Set(entries.map(({ selectionSet }) => selectionSet)).size < entries.length;

  const addField = (node: FieldNode, guard: number, exclusive: boolean, usage: DeferUsage | null): void => {
    budget?.select(1);
    const key = node.alias === undefined ? node.name.value : node.alias.value;
    let group = groups.get(key);
    if (group === undefined) {
      group = { key, name: node.name.value, nodes: [], guard: NEVER, exclusive: true };
      groups.set(key, group);
    }
    if (group.guard !== ALWAYS) slots.push({ group, guard: guards.and(guard, guards.not(group.guard)) });
    // A node that is met twice is where it is met first: that may differ with the variables.
    let before = NEVER;
    if (isRepeated || revisits > 0) {
      for (const other of group.nodes) {
        if (other.node === node && (other.usage === null || other.usage === usage))
          before = guards.or(before, other.guard);
      }
    }
    const added = guards.and(guard, guards.not(before));
    if (added !== NEVER) group.nodes.push({ node, guard: added, usage });
    group.guard = guards.or(group.guard, guard);
    group.exclusive &&= exclusive;
  };

  const enter = (selection: InlineFragmentNode | FragmentSpreadNode, outer: DeferUsage | null): DeferUsage | null => {
    // Where fragments are met too often, deferred fragments are no longer told apart: all is delivered with its object.
    const usage = totals === null ? deferUsage(context, selection, outer, known) : null;
    if (usage !== null) {
      usages ??= new Set();
      usages.add(usage);
    }
    return usage ?? outer;
  };

  const visit = (selectionSet: SelectionSetNode, outer: number, exclusive: boolean, usage: DeferUsage | null): void => {
    for (const selection of selectionSet.selections) {
      const guard = guards.and(outer, selectionGuard(context, selection));
      if (guard === NEVER) continue;
      switch (selection.kind) {
        case Kind.FIELD:
          addField(selection, guard, exclusive, usage);
          break;
        case Kind.INLINE_FRAGMENT: {
          const condition = selection.typeCondition;
          if (!applies(context.schema, condition, type)) break;
          visit(
            selection.selectionSet,
            guard,
            exclusive || isObjectCondition(context.schema, condition),
            enter(selection, usage),
          );
          break;
        }
        case Kind.FRAGMENT_SPREAD: {
          const name = selection.name.value;
          visited ??= new Map();
          const undeferred = visited.get(name);
          if (undeferred !== undefined && guards.implies(guard, undeferred)) break;
          const fragment = context.fragments.get(name);
          if (fragment === undefined || !applies(context.schema, fragment.typeCondition, type)) break;
          const inner = enter(selection, usage);
          const visitKey = inner === null ? name : `${name} ${inner.id}`;
          const before = visited.get(visitKey);
          if (before !== undefined && guards.implies(guard, before)) break;
          if ((before ?? undeferred) !== undefined && ++revisits > MAX_REVISITS) return;
          let own = totals?.get(name) ?? guard;
          if (inner !== null) {
            deferred ??= new Map();
            const visits = getOrCreate(deferred, name, () => []);
            own = guards.and(own, guards.not(sameSpread(guards, visits, inner)));
            if (own === NEVER) break;
            visits.push({ usage: inner, guard: own });
          }
          visited.set(visitKey, before === undefined ? own : guards.or(before, own));
          budget?.spread();
          visit(
            fragment.selectionSet,
            own,
            exclusive || isObjectCondition(context.schema, fragment.typeCondition),
            inner,
          );
          break;
        }
      }
    }
  };

  for (const { selectionSet, guard, usage } of entries) visit(selectionSet, guard, false, usage);
  if (revisits > MAX_REVISITS) return null;
  return {
    slots: slots.every(({ guard }) => guard !== NEVER) ? slots : slots.filter(({ guard }) => guard !== NEVER),
    usages: usages === null ? NO_USAGES : [...usages],
  };
}

/** For each fragment that is reached, the disjunction of the conditions of all its spreads: one look at each spread. */
function totalGuards(
  context: CollectContext,
  type: GraphQLObjectType,
  entries: readonly SelectionEntry[],
): ReadonlyMap<string, number> {
  const { guards, fragments, schema } = context;
  const order: string[] = [];
  const seen = new Set<string>();
  const spreads = (
    selectionSet: SelectionSetNode,
    guard: number,
    found: (name: string, guard: number) => void,
  ): void => {
    for (const selection of selectionSet.selections) {
      if (selection.kind === Kind.FIELD) continue;
      const own = guards.and(guard, selectionGuard(context, selection));
      if (selection.kind === Kind.FRAGMENT_SPREAD) found(selection.name.value, own);
      else if (applies(schema, selection.typeCondition, type)) spreads(selection.selectionSet, own, found);
    }
  };
  const sort = (name: string): void => {
    const fragment = fragments.get(name);
    if (seen.has(name) || fragment === undefined || !applies(schema, fragment.typeCondition, type)) return;
    seen.add(name);
    spreads(fragment.selectionSet, ALWAYS, sort);
    order.push(name);
  };
  const totals = new Map<string, number>();
  const add = (name: string, guard: number): void => {
    totals.set(name, guards.or(totals.get(name) ?? NEVER, guard));
  };
  for (const { selectionSet, guard } of entries) {
    spreads(selectionSet, guard, sort);
    spreads(selectionSet, guard, add);
  }
  // A fragment comes before the fragments that it spreads: its own total is complete at its turn.
  for (const name of order.reverse()) {
    const fragment = mustGet(fragments, name);
    spreads(fragment.selectionSet, totals.get(name) ?? NEVER, add);
  }
  return totals;
}

/** The sub-selections of a field: one entry for each of its nodes, under the guard of that node. */
export function subSelections(context: CollectContext, group: FieldGroup, typeName: string): SelectionEntry[] {
  const only = group.nodes.length === 1 ? group.nodes[0] : undefined;
  if (only?.node.selectionSet !== undefined && only.guard === group.guard) {
    return [{ selectionSet: throughSpread(context, only.node.selectionSet, typeName), guard: ALWAYS, usage: null }];
  }
  const entries: SelectionEntry[] = [];
  const met = new Set<SelectionSetNode>();
  const isOneUsage = group.nodes.every(({ usage }) => usage === group.nodes[0]?.usage);
  for (const { node, guard, usage } of group.nodes) {
    if (node.selectionSet === undefined) continue;
    // The field is there only where its guard holds; repeating it below would keep equal selections apart.
    const entry = {
      selectionSet: throughSpread(context, node.selectionSet, typeName),
      guard: guard === group.guard ? ALWAYS : guard,
      // A field that is deferred as a whole is delivered at once: deferring its parts again would change nothing.
      usage: isOneUsage ? null : usage,
    };
    const last = entries[entries.length - 1];
    if (last?.selectionSet === entry.selectionSet && last.usage === entry.usage) {
      entries[entries.length - 1] = { ...last, guard: context.guards.or(last.guard, entry.guard) };
    } else if (
      !met.has(entry.selectionSet) ||
      !entries.some(
        (known) =>
          known.selectionSet === entry.selectionSet &&
          known.guard === ALWAYS &&
          (known.usage === null || known.usage === entry.usage),
      )
    ) {
      entries.push(entry);
      met.add(entry.selectionSet);
    }
  }
  return entries;
}

/** `{ ...F }` selects the fields of F: two fields that spread the same fragment share one plan below it (R2). */
function throughSpread(context: CollectContext, selectionSet: SelectionSetNode, typeName: string): SelectionSetNode {
  let current = selectionSet;
  for (let hops = context.fragments.size; hops > 0; hops--) {
    const spread = onlySpread(current);
    const fragment = spread === null ? undefined : context.fragments.get(spread);
    // A fragment on another type may apply to some of the values only.
    if (fragment === undefined || fragment.typeCondition.name.value !== typeName) break;
    current = fragment.selectionSet;
  }
  return current;
}

function onlySpread({ selections }: SelectionSetNode): string | null {
  const names = new Set<string>();
  for (const selection of selections) {
    if (selection.kind !== Kind.FRAGMENT_SPREAD || selection.directives?.length) return null;
    names.add(selection.name.value);
  }
  const [first = null] = names;
  return names.size === 1 ? first : null;
}

function isObjectCondition(schema: GraphQLSchema, condition: TypeNode | undefined): boolean {
  return condition?.kind === Kind.NAMED_TYPE && isObjectType(schema.getType(condition.name.value));
}

function applies(schema: GraphQLSchema, condition: TypeNode | undefined, type: GraphQLObjectType): boolean {
  if (condition === undefined || condition.kind !== Kind.NAMED_TYPE) return true;
  const conditional = schema.getType(condition.name.value);
  return conditional === type || (isAbstractType(conditional) && schema.isSubType(conditional, type));
}

/** The guard that `@skip` and `@include` on a selection stand for. */
function selectionGuard({ guards, decide }: CollectContext, selection: SelectionNode): number {
  const { directives } = selection;
  let guard = ALWAYS;
  if (directives === undefined || directives.length === 0) return guard;
  if (decide !== null) return decide(selection) ? ALWAYS : NEVER;
  for (const name of ['skip', 'include']) {
    const directive = directives.find((known) => known.name.value === name);
    if (directive === undefined) continue;
    const condition = directiveCondition(guards, directive, NEVER);
    guard = guards.and(guard, name === 'skip' ? guards.not(condition) : condition);
  }
  return guard;
}
