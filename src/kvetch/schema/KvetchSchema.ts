import { didYouMean } from '../../utils/didYouMean.ts';
import type { OrderPart } from '../codec/orderKey.ts';
import { UnknownDefinitionError } from '../errors.ts';
import type { FieldDefinition, IndexKind, KvetchSchemaConfig, OnDelete } from './definitions.ts';
import { definedNumber } from './listNumbers.ts';

/** A definition as it may be named in calls: by its number, by its name, or itself. */
export type TypeRef = number | string | ObjectType;
export type EdgeRef = number | string | EdgeType;
export type IndexRef = number | string | IndexType;

/** A type of objects with everything that is derived from its attributes. */
export interface ObjectType {
  readonly typeId: number;
  readonly name: string;
  readonly fields: ReadonlyMap<string, FieldDefinition> | null;
  /** The attribute that holds when an object ends; `null` where none does. */
  readonly expiresAt: string | null;
  /** The edges whose stored id this type carries. */
  readonly storedIdEdges: readonly EdgeType[];
  /** The lists of its objects whose objects do not outlive their source: see `isBound`. */
  readonly boundLists: readonly EdgeType[];
  /** The indexes over attributes of this type whose values have entries. */
  readonly indexes: readonly IndexType[];
  /** The lists of its objects by values of their attributes. */
  readonly lists: readonly EdgeType[];
}

/** An attribute of an index key. */
export interface KeyAttribute {
  readonly attr: string;
  readonly kind: IndexKind;
}

/** The wanted index keys of an attribute; `null` is for none. */
export interface Condition {
  readonly attr: string;
  readonly kind: IndexKind;
  readonly keys: ReadonlySet<string | null>;
}

/** Of a list of objects by values: its sources are no objects, but stand for values. */
export interface ListSource {
  readonly index: string;
  readonly attrs: readonly KeyAttribute[];
  /** Over how many sources the objects of one value are spread. */
  readonly parts: number;
}

export interface EdgeType {
  /** As rows have it: that of the definition, or above for ordered lists (see `listNumbers`). */
  readonly edgeId: number;
  readonly name: string;
  readonly fromTypeId: number;
  readonly toTypeId: number;
  /** The attribute of the target that this edge follows from, or `null` for a plain edge. */
  readonly storedIdAttr: string | null;
  readonly colocate: boolean;
  /** Whether writes look for the object that a stored id names. */
  readonly mustExist: boolean;
  readonly onDelete: OnDelete;
  readonly where: readonly Condition[];
  /** `null`: its edges are in the order in which they came. */
  readonly order: readonly OrderPart[] | null;
  /** Of a list of objects by values. */
  readonly source: ListSource | null;
  /** Tells the cursors of an ordered list from those of another definition. */
  readonly mark: string;
}

/** Whether cleaners can rebuild it. */
export function isDerived({ storedIdAttr, source }: EdgeType): boolean {
  return storedIdAttr !== null || source !== null;
}

/** Whether a delete of its source goes on to the listed objects. They are hidden as soon as the source is gone. */
export function isBound({ onDelete }: EdgeType): boolean {
  return onDelete === 'clear' || onDelete === 'delete';
}

export interface IndexType {
  readonly indexId: number | null;
  readonly name: string;
  readonly typeId: number;
  readonly attr: string | null;
  readonly kind: IndexKind;
  readonly unique: boolean;
  /** The attributes of its key; none where it is kept by hand. */
  readonly attrs: readonly KeyAttribute[];
  readonly where: readonly Condition[];
  /** Where its objects are listed, if it has no entries. */
  readonly list: EdgeType | null;
}

/** Whether it follows from attributes. */
export function followsObjects({ attrs, list }: IndexType): boolean {
  return attrs.length > 0 || list !== null;
}

/**
 * A checked schema. It finds definitions by number or name; made by `defineKvetchSchema`. `TConfig` tells TypeScript
 * which names and attributes there are.
 */
export class KvetchSchema<TConfig extends KvetchSchemaConfig = KvetchSchemaConfig> {
  /** For TypeScript only: nothing is there. */
  declare readonly '~config': TConfig | undefined;
  /** All types. */
  readonly objects: readonly ObjectType[];
  /** All edge types. */
  readonly edges: readonly EdgeType[];
  /** All indexes. */
  readonly indexes: readonly IndexType[];
  /** Whether some lists are empty as soon as their source is gone. */
  readonly hasBoundLists: boolean;
  readonly #types = new Map<unknown, ObjectType>();
  readonly #edges = new Map<unknown, EdgeType>();
  readonly #indexes = new Map<unknown, IndexType>();

  constructor(objects: readonly ObjectType[], edges: readonly EdgeType[], indexes: readonly IndexType[]) {
    this.objects = objects;
    this.edges = edges;
    this.indexes = indexes;
    this.hasBoundLists = edges.some(isBound);
    for (const type of objects) this.#types.set(type.typeId, type).set(type.name, type).set(type, type);
    for (const edge of edges)
      this.#edges.set(definedNumber(edge.edgeId), edge).set(edge.edgeId, edge).set(edge.name, edge).set(edge, edge);
    for (const index of indexes) {
      if (index.list !== null) this.#edges.set(index.list.edgeId, index.list).set(index.list, index.list);
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

  /**
   * The edge type of a name, a number or its definition.
   *
   * @throws UnknownDefinitionError
   */
  edge(ref: unknown): EdgeType {
    const found = this.#edges.get(ref);
    if (found === undefined) throw unknown('edge', ref, this.edges);
    return found;
  }

  /**
   * The index of a name or its definition.
   *
   * @throws UnknownDefinitionError
   */
  index(ref: unknown): IndexType {
    const found = this.#indexes.get(ref);
    if (found === undefined) throw unknown('index', ref, this.indexes);
    return found;
  }

  /** Whether an index lists its objects in an order: see `IndexType.list`. */
  hasList(ref: number | string): boolean {
    return (this.#indexes.get(ref)?.list ?? null) !== null;
  }

  /** The type of a stored row, which may be one that this schema does not know any more. */
  findType(typeId: number): ObjectType | null {
    return this.#types.get(typeId) ?? null;
  }

  /** `edgeId`: as rows have it. */
  findEdge(edgeId: number): EdgeType | null {
    const found = this.#edges.get(edgeId) ?? null;
    return found?.edgeId === edgeId ? found : null; // an ordered list does not know rows from before its order
  }

  /** The ordered plain edge to which a row belongs that was written before it had an order; `null` for all other rows. */
  findReordered(edgeId: number): EdgeType | null {
    const found = this.#edges.get(edgeId) ?? null;
    return found !== null && found.edgeId !== edgeId && found.order !== null && !isDerived(found) ? found : null;
  }

  /** The index of a name; null where there is none. */
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
