import { getOrCreate } from '../../utils/getOrCreate.ts';
import type { Decision, OpenCircle, Question } from './Decision.ts';
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
    if (inquiry instanceof JointInquiry && inquiry.askers.length > 1) joint.add(inquiry);
  };
  note(question);
  // From the asker back to the target: a node on such a way is in the circle. A set grows as it is walked.
  for (const node of nodes) {
    for (const way of ways.get(node) ?? []) {
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
}

/** The nodes that a decision waits for, directly or not, with the questions that lead to each. The shortest way is the first. */
function waysFrom(target: Decision, looked: { at: number }): ReadonlyMap<Node, readonly Way[]> {
  const ways = new Map<Node, Way[]>([[nodeOf(target), []]]);
  // It grows as it is walked.
  for (const from of ways.keys()) {
    for (const decision of waitingOf(from)) {
      looked.at++;
      for (const question of decision.asks) {
        const to = nodeOf(question.target);
        if (to !== from) getOrCreate(ways, to, () => []).push({ from, question });
      }
    }
  }
  return ways;
}

function chainTo(end: Node, ways: ReadonlyMap<Node, readonly Way[]>, target: Decision): readonly Decision[] {
  const chain: Decision[] = [];
  const start = nodeOf(target);
  for (let node = end; node !== start; ) {
    const way = ways.get(node)?.[0];
    if (way === undefined) break;
    chain.unshift(way.question.target);
    node = way.from;
  }
  return [target, ...chain];
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
