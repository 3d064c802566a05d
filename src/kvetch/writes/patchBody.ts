import { attributesJson, decodeBody, type Envelope, encodeAttributes, patchJson } from '../codec/objectBody.ts';
import type { ObjectType } from '../schema/KvetchSchema.ts';
import { CODEC_JSON, type ObjectRow } from '../shards/rows.ts';
import { resolveChanges } from './AttributeChange.ts';
import { type AttributesInput, checkAttributes, checkRequired } from './checkAttributes.ts';
import { type Conditions, checkConditions } from './conditions.ts';
import { type Derived, derive } from './derive.ts';

/** The parsed body of a row. */
interface Body {
  readonly attributes: Record<string, unknown>;
  readonly envelope: Envelope;
}

/**
 * The body of the row that the last patch has made. Patches that wait for one object are planned each on top of the one
 * before: where there are hundreds of attributes, most of the time of each went into parsing and copying all of them.
 */
export class LastBody {
  #row: ObjectRow | null = null;
  #body: Body | null = null;

  put(row: ObjectRow, body: Body): void {
    this.#row = row;
    this.#body = body;
  }

  /** Forgets the body, too: the caller patches its attributes in place. */
  take(row: ObjectRow): Body | null {
    const body = this.#row === row ? this.#body : null;
    this.#row = null;
    this.#body = null;
    return body;
  }
}

/** The result of a patch. */
export interface PatchedBody {
  readonly json: string;
  readonly codec: number;
  /** As a reader will find them; null where some have tags. */
  readonly attributes: Record<string, unknown> | null;
  readonly derivedBefore: Derived;
  readonly derived: Derived;
  readonly envelope: Envelope;
}

/** The patch of an update, with its options. */
export interface ObjectPatch {
  readonly patch: AttributesInput;
  readonly conditions?: Conditions | undefined;
}

/** Patches the attributes of a row: absent or `undefined` keeps, `null` clears. Null where nothing changes. */
export function patchBody(
  type: ObjectType,
  row: ObjectRow,
  { patch, conditions }: ObjectPatch,
  maxBytes: number,
  last: LastBody,
): PatchedBody | null {
  const { attributes: own, envelope } = last.take(row) ?? decodeBody(row);
  checkConditions(type, row.id, own, conditions);
  const given = checkAttributes(type, resolveChanges(type.name, own, patch));
  checkRequired(type, own, given);
  const derivedBefore = derive(type, row.id, own);
  const plain = row.codec === CODEC_JSON ? patchJson(own, given, maxBytes) : null;
  const attributes = plain === null ? { ...own, ...given } : own;
  const { json, codec } = plain === null ? encodeAttributes(attributes, maxBytes) : { json: plain, codec: CODEC_JSON };
  if (json === attributesJson(row)) return null;
  const derived = derive(type, row.id, attributes);
  return { json, codec, attributes: plain === null ? null : own, derivedBefore, derived, envelope };
}
