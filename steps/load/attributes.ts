import type { PlanningGraph } from '../../src/step/Step.ts';
import { itemAt } from '../../src/utils/itemAt.ts';

/** Attributes that are needed of a loader's values: null for all. */
export type Attributes = ReadonlySet<string> | null;

/** The attributes found for the live steps of a graph, added to those found before. */
interface FoundAttributes {
  readonly live: PlanningGraph['live'];
  readonly bySignature: Map<string, Attributes>;
}

/** The questions of `attributesOf` to a step. */
export interface AttributeNeed {
  readonly signature: string;
  readonly attributes: Attributes;
}

/**
 * The attributes that all needed loads of one signature read, in this plan so far: with equal attributes they can
 * share calls and results. `needOf` tells a step's need, or null for steps that load nothing.
 */
export function attributesOf(
  graph: PlanningGraph,
  signature: string,
  needOf: (step: unknown) => AttributeNeed | null,
): Attributes {
  const { live } = graph;
  let found = graph.notes.get(attributesOf) as FoundAttributes | undefined;
  if (found?.live !== live) {
    found = { live, bySignature: new Map(found?.bySignature) };
    const { bySignature } = found;
    for (const step of live.keys()) {
      const need = needOf(step);
      if (need === null) continue;
      const before = bySignature.get(need.signature);
      bySignature.set(need.signature, before === undefined ? need.attributes : union(before, need.attributes));
    }
    graph.notes.set(attributesOf, found);
  }
  return found.bySignature.get(signature) ?? null;
}

/** Sorted one by one, for there are few: this makes no second list. */
export function sorted(attributes: ReadonlySet<string>): string[] {
  const list: string[] = [];
  for (const name of attributes) {
    let at = list.push(name) - 1;
    for (; at > 0 && itemAt(list, at - 1) > name; at--) list[at] = itemAt(list, at - 1);
    list[at] = name;
  }
  return list;
}

function union(a: Attributes, b: Attributes): Attributes {
  return a === null || b === null ? null : new Set([...a, ...b]);
}
