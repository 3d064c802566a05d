import type { GraphQLLeafType } from 'graphql';
import type { FieldNode } from '../../plan/Plan.ts';
import { OTHER, type OutputState } from './OutputState.ts';
import type { CompiledField, OutputWriter, PlainLeaf } from './OutputWriter.ts';
import { fieldOf, keyOf } from './reads.ts';

/**
 * A leaf field whose value is a property of its object. Most fields are of this kind, so each is an object with one shared
 * method instead of several closures: a plan's first request makes all of them.
 */
export class LeafField<TState extends OutputState> implements CompiledField<TState> {
  readonly key: string;
  readonly guard: number;
  readonly phase: number;
  readonly node: FieldNode;
  readonly type: GraphQLLeafType;
  readonly plain: PlainLeaf<TState>;
  readonly writer: OutputWriter<TState>;

  constructor(node: FieldNode, type: GraphQLLeafType, writer: OutputWriter<TState>) {
    this.key = node.key;
    this.guard = node.guard;
    this.phase = node.phase;
    this.node = node;
    this.type = type;
    this.plain = writer.plainLeaf(type);
    this.writer = writer;
  }

  complete(state: TState, value: unknown): unknown {
    const { read, nonNull } = this.node.position;
    const key = read.path[0] as string;
    const found = read.field ? fieldOf(value, key) : keyOf(value, key);
    if (typeof found === 'function') return this.completeFound(state, value, found);
    const completed = this.plain(state, found);
    if (completed !== OTHER) return completed;
    return this.writer.otherLeaf(state, this.node, nonNull, this.type, found);
  }

  /** Completes the field with the property's value, which was read once. */
  completeFound(state: TState, owner: unknown, property: unknown): unknown {
    const { position } = this.node;
    let found = property;
    if (position.read.field && typeof found === 'function') {
      found = state.callField(this.node, owner, found as () => unknown);
    }
    const completed = this.plain(state, found);
    if (completed !== OTHER) return completed;
    return this.writer.otherLeaf(state, this.node, position.nonNull, this.type, found);
  }
}
