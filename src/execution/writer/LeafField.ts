import type { GraphQLLeafType } from 'graphql';
import type { FieldNode } from '../../plan/Plan.ts';
import { completeLeaf, type PlainLeaf, plainLeaf } from './completeLeaf.ts';
import { type Complete, OTHER, type ResponseState } from './ResponseState.ts';
import { fieldOf, keyOf } from './reads.ts';

/** A field of an object, as it is written. */
export interface CompiledField {
  readonly key: string;
  readonly guard: number;
  readonly phase: number;
  readonly complete: Complete;
}

/**
 * A leaf field whose value is a property of its object. Most fields are of this kind, so each is an object with one shared
 * method instead of several closures: a plan's first request makes all of them.
 */
export class LeafField implements CompiledField {
  readonly key: string;
  readonly guard: number;
  readonly phase: number;
  readonly node: FieldNode;
  readonly type: GraphQLLeafType;
  readonly plain: PlainLeaf;

  constructor(node: FieldNode, type: GraphQLLeafType) {
    this.key = node.key;
    this.guard = node.guard;
    this.phase = node.phase;
    this.node = node;
    this.type = type;
    this.plain = plainLeaf(type);
  }

  complete(state: ResponseState, value: unknown): unknown {
    const { read } = this.node.position;
    const key = read.path[0] as string;
    return this.completeFound(state, value, read.field ? fieldOf(value, key) : keyOf(value, key));
  }

  /** Completes the field with the property's value, which was read once. */
  completeFound(state: ResponseState, owner: unknown, property: unknown): unknown {
    const { position } = this.node;
    let found = property;
    if (position.read.field && typeof found === 'function') {
      found = state.callField(this.node, owner, found as () => unknown);
    }
    const completed = this.plain(found);
    if (completed !== OTHER) return completed;
    return completeLeaf(state, this.node, position.nonNull, this.type, found);
  }
}
