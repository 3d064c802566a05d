/** Parts of the work for a new operation, by the functions that do it: the innermost one on the stack counts. */
export const phases: Readonly<Record<string, readonly string[]>> = {
  'request: operation, variables': ['prepareRequest'],
  'cache: text of the document': ['documentText'],
  'cache: keeping the plan': ['#add'],
  'plan: fields collected': ['collectFields'],
  'plan: plan resolvers, their steps': ['planResult'],
  'plan: steps hoisted, deduplicated': ['settleStep'],
  'plan: outputs built': ['build'],
  'plan: passes': ['runPasses'],
  'plan: written down': ['write'],
  'plan: the rest': ['planOperation'],
  link: ['LinkedPlan'],
  'run: steps and layers': ['executePlan', 'onValue', 'drive'],
  'run: closures of the output': ['get compiled', 'root'],
  'run: response written': ['completeRun'],
  'the rest': ['executeToBuffer'],
  'garbage collection': ['(garbage collector)'],
};

/** The part that a function begins, if any. */
const phaseOf = new Map(Object.entries(phases).flatMap(([phase, names]) => names.map((name) => [name, phase])));

/** A tree of calls with what each took by itself. */
export interface CallNode {
  readonly name: string;
  readonly self: number;
  readonly children: readonly CallNode[];
}

/** What each part took. What belongs to none is left out. */
export function byPhase(root: CallNode): ReadonlyMap<string, number> {
  const taken = new Map<string, number>();
  const walk = ({ name, self, children }: CallNode, outer: string | null): void => {
    const phase = isKnown(name, outer) ? (phaseOf.get(name) as string) : outer;
    if (phase !== null) taken.set(phase, (taken.get(phase) ?? 0) + self);
    for (const child of children) walk(child, phase);
  };
  walk(root, null);
  return taken;
}

/** Names that others have too: they count where a phase is on the stack already. */
const common: ReadonlySet<string> = new Set(['build', 'write', 'root']);

function isKnown(name: string, outer: string | null): boolean {
  return phaseOf.has(name) && (outer !== null || !common.has(name));
}
