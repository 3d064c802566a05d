import { didYouMean } from '../../utils/didYouMean.ts';
import { UnknownDefinitionError } from '../errors.ts';
import type { FieldDefinition, IndexKind, KvetchSchemaConfig } from './definitions.ts';

/** A definition as it may be named in calls: by its number, by its name, or itself. */
export type TypeRef = number | string | ObjectType;
export type EdgeRef = number | string | EdgeType;
export type IndexRef = number | string | IndexType;

/** A type of objects with everything that is derived from its attributes. */
export interface ObjectType {
  readonly typeId: number;
  readonly name: string;
  readonly fields: ReadonlyMap<string, FieldDefinition> | null;
  /** The edges whose stored id this type carries. */
  readonly storedIdEdges: readonly EdgeType[];
  /** The indexes over an attribute of this type. */
  readonly indexes: readonly IndexType[];
}

export interface EdgeType {
  readonly edgeId: number;
  readonly name: string;
  readonly fromTypeId: number;
  readonly toTypeId: number;
  /** The attribute of the target that this edge follows from, or `null` for a plain edge. */
  readonly storedIdAttr: string | null;
  readonly colocate: boolean;
}

export interface IndexType {
  readonly indexId: number | null;
  readonly name: string;
  readonly typeId: number;
  readonly attr: string | null;
  readonly kind: IndexKind;
  readonly unique: boolean;
}

/**
 * A checked schema. It finds definitions by number or name; made by `defineKvetchSchema`. `TConfig` tells TypeScript
 * which names and attributes there are.
 */
export class KvetchSchema<TConfig extends KvetchSchemaConfig = KvetchSchemaConfig> {
  /** For TypeScript only: nothing is there. */
  declare readonly '~config': TConfig | undefined;
  readonly objects: readonly ObjectType[];
  readonly edges: readonly EdgeType[];
  readonly indexes: readonly IndexType[];
  readonly #types = new Map<unknown, ObjectType>();
  readonly #edges = new Map<unknown, EdgeType>();
  readonly #indexes = new Map<unknown, IndexType>();

  constructor(objects: readonly ObjectType[], edges: readonly EdgeType[], indexes: readonly IndexType[]) {
    this.objects = objects;
    this.edges = edges;
    this.indexes = indexes;
    for (const type of objects) this.#types.set(type.typeId, type).set(type.name, type).set(type, type);
    for (const edge of edges) this.#edges.set(edge.edgeId, edge).set(edge.name, edge).set(edge, edge);
    for (const index of indexes) {
      this.#indexes.set(index.name, index).set(index, index);
      if (index.indexId !== null) this.#indexes.set(index.indexId, index);
    }
  }

  /** The object type, or an `UnknownDefinitionError`. */
  type(ref: unknown): ObjectType {
    const found = this.#types.get(ref);
    if (found === undefined) throw unknown('object type', ref, this.objects);
    return found;
  }

  edge(ref: unknown): EdgeType {
    const found = this.#edges.get(ref);
    if (found === undefined) throw unknown('edge', ref, this.edges);
    return found;
  }

  index(ref: unknown): IndexType {
    const found = this.#indexes.get(ref);
    if (found === undefined) throw unknown('index', ref, this.indexes);
    return found;
  }

  /** The type of a stored row, which may be one that this schema does not know any more. */
  findType(typeId: number): ObjectType | null {
    return this.#types.get(typeId) ?? null;
  }

  findEdge(edgeId: number): EdgeType | null {
    return this.#edges.get(edgeId) ?? null;
  }

  findIndex(name: string): IndexType | null {
    return this.#indexes.get(name) ?? null;
  }
}

function unknown(
  kind: 'object type' | 'edge' | 'index',
  ref: unknown,
  known: ReadonlyArray<{ name: string }>,
): UnknownDefinitionError {
  const names = known.map(({ name }) => name);
  return new UnknownDefinitionError(kind, ref, typeof ref === 'string' ? didYouMean(ref, names) : '');
}
