import { didYouMean } from '../../utils/didYouMean.ts';
import { quote } from '../errors.ts';
import type {
  FieldDefinition,
  IndexDefinition,
  KvetchSchemaConfig,
  ObjectDefinition,
  PlainEdgeDefinition,
  StoredIdEdgeDefinition,
} from './definitions.ts';

/** One that is forgotten here does not compile. */
type Keys<T> = { readonly [K in keyof Required<T>]: true };

const config: Keys<KvetchSchemaConfig> = { objects: true, edges: true, indexes: true };
const object: Keys<ObjectDefinition> = { typeId: true, name: true, fields: true, expiresAt: true };
const field: Keys<FieldDefinition> = { kind: true, required: true };
/** Those of either kind: what one of them cannot have is said with its reason. */
const edge: Keys<StoredIdEdgeDefinition & PlainEdgeDefinition> = {
  ...{ edgeId: true, name: true, from: true, to: true, fields: true, storedOn: true, storedIdAttr: true },
  ...{ colocate: true, mustExist: true, onDelete: true, where: true, orderBy: true },
};
const index: Keys<IndexDefinition> = {
  ...{ name: true, indexId: true, type: true, attr: true, attrs: true, kind: true },
  ...{ unique: true, where: true, orderBy: true, parts: true },
};
const tables: Readonly<Record<'config' | 'object' | 'field' | 'edge' | 'index', object>> = {
  ...{ config, object, field, edge, index },
};

/** Names each key of a definition that means nothing: `attributes` in place of `fields` would check nothing. */
export function checkKnown(given: object, kind: keyof typeof tables, place: string, problems: string[]): void {
  const known = Object.keys(tables[kind]);
  for (const key of Object.keys(given)) {
    if (known.includes(key)) continue;
    problems.push(`${place} has ${quote(key)}, which is none of ${known.join(', ')}.${didYouMean(key, known)}`);
  }
}
