import type { Decision, Inquiry, OpenCircle, Question } from './Decision.ts';
import { JointInquiry } from './Inquiry.ts';

/** Decisions that wait for each other. */
export interface FoundCircle {
  readonly decisions: ReadonlySet<Decision>;
  /** The tests of many objects at once that the circle goes through. Nobody knows for which of them they ask. */
  readonly joint: ReadonlySet<JointInquiry>;
  /** One way around it: each asks about the next, the last about the first. */
  readonly chain: readonly Decision[];
}

/** A decision, or a circle that is one node already. */
type Node = Decision | OpenCircle;

/**
 * All decisions that wait for each other because of a question; null where none do.
 *
 * @param looked - counts the decisions that were looked at.
 */
export function circleThrough(question: Question, looked: { at: number }): FoundCircle | null {
  const ways = waysFrom(question.target, looked);
  const nodes = new Set<Node>();
  for (const { $decision } of question.inquiry.askersAt(question.at)) {
    if ($decision !== null && ways.has(nodeOf($decision))) nodes.add(nodeOf($decision));
  }
  const [end] = nodes;
  if (end === undefined) return null;
  const joint = new Set<JointInquiry>();
  const note = ({ inquiry }: Question): void => {
    if (inquiry instanceof JointInquiry && inquiry.isShared) joint.add(inquiry);
  };
  note(question);
  // From the asker back to the target: a node on such a way is in the circle. A set grows as it is walked.
  for (const node of nodes) {
    for (let way = ways.get(node) ?? null; way !== null; way = way.other) {
      note(way.question);
      nodes.add(way.from);
    }
  }
  const decisions = new Set([...nodes].flatMap(decisionsOf));
  return { decisions, joint, chain: chainTo(end, ways, question.target) };
}

interface Way {
  readonly from: Node;
  readonly question: Question;
  /** Another way to the same node, of those that are longer. */
  other: Way | null;
}

/** The nodes that a decision waits for, directly or not, with the questions that lead to each. The shortest way is the first. */
function waysFrom(target: Decision, looked: { at: number }): ReadonlyMap<Node, Way | null> {
  const ways = new Map<Node, Way | null>([[nodeOf(target), null]]);
  // What many ask together is looked at once: one way through it is enough to know that they must be told apart.
  const known = new Set<Inquiry>();
  // It grows as it is walked.
  for (const from of ways.keys()) {
    for (const decision of waitingOf(from)) {
      looked.at++;
      for (const question of decision.asks(known)) {
        const to = nodeOf(question.target);
        if (to === from) continue;
        const shortest = ways.get(to) ?? null;
        if (shortest === null) ways.set(to, { from, question, other: null });
        else shortest.other = { from, question, other: shortest.other };
      }
    }
  }
  return ways;
}

function chainTo(end: Node, ways: ReadonlyMap<Node, Way | null>, target: Decision): readonly Decision[] {
  const chain: Decision[] = [];
  const start = nodeOf(target);
  for (let node = end; node !== start; ) {
    const way = ways.get(node) ?? null;
    if (way === null) break;
    chain.push(way.question.target);
    node = way.from;
  }
  return [target, ...chain.reverse()];
}

function nodeOf(decision: Decision): Node {
  return decision.circle ?? decision;
}

/** Those that may wait for others. */
function waitingOf(node: Node): Iterable<Decision> {
  return 'members' in node ? node.running : [node];
}

function decisionsOf(node: Node): readonly Decision[] {
  return 'members' in node ? [...node.members] : [node];
}
