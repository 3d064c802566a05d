import { anything, checkOptions, type OptionTable } from '../../../errors/checkOptions.ts';
import { KvetchOptionError } from '../../errors.ts';
import type { EdgeRef, IndexRef, TypeRef } from '../../schema/KvetchSchema.ts';
import type { UpdateOptions } from '../changeInTurn.ts';
import type { AttributesInput } from '../checkAttributes.ts';
import type { EdgeInput, IndexEntryInput } from '../plainWrites.ts';
import type { CreateRequest } from '../prepareCreate.ts';

/** Where a member of a unit creates its object. */
export type MemberCreateOptions = Pick<CreateRequest, 'id' | 'near'>;

export interface CreateMember {
  readonly kind: 'create';
  readonly type: TypeRef;
  readonly data: AttributesInput;
  /** A key of the create itself is for Pent, where a single create has become a unit. */
  readonly options: MemberCreateOptions & Pick<CreateRequest, 'idempotencyKey' | 'madeFrom'>;
}

export interface UpdateMember {
  readonly kind: 'update';
  readonly id: string;
  readonly patch: AttributesInput;
  readonly options: UpdateOptions;
}

/** `check`: the object is only looked at. */
export interface ObjectMember {
  readonly kind: 'delete' | 'check';
  readonly id: string;
  readonly options: UpdateOptions;
}

export interface EdgeMember {
  readonly kind: 'insertEdge' | 'deleteEdge';
  readonly edge: EdgeRef;
  readonly input: EdgeInput;
}

export interface EntryMember {
  readonly kind: 'insertIndexEntry' | 'deleteIndexEntry';
  readonly index: IndexRef;
  readonly input: IndexEntryInput;
}

/** A part of a unit: one change, or a check. */
export type UnitMember = CreateMember | UpdateMember | ObjectMember | EdgeMember | EntryMember;

const createOptions: OptionTable<MemberCreateOptions> = { id: anything, near: anything };
const changeOptions: OptionTable<UpdateOptions> = { ifVersion: anything, if: anything };
const edgeInput: OptionTable<EdgeInput> = { fromId: anything, toId: anything, data: anything };
const entryInput: OptionTable<IndexEntryInput> = { value: anything, targetId: anything };

/** A member that creates an object. `kvetch.newId` gives an id that other members can refer to. */
export function create(type: TypeRef, data: AttributesInput, options: MemberCreateOptions = {}): CreateMember {
  checkOptions('create', options, createOptions, KvetchOptionError);
  return { kind: 'create', type, data, options };
}

/** A member that changes attributes, as `kvetch.updateObject` does. */
export function update(id: string, patch: AttributesInput, options: UpdateOptions = {}): UpdateMember {
  checkOptions('update', options, changeOptions, KvetchOptionError);
  return { kind: 'update', id, patch, options };
}

/** A member that deletes an object. One that is not there is an error only where the member has a condition. */
export function deleteObject(id: string, options: UpdateOptions = {}): ObjectMember {
  checkOptions('deleteObject', options, changeOptions, KvetchOptionError);
  return { kind: 'delete', id, options };
}

/**
 * A member that changes nothing: the unit is written only while the object is there and as the options say. It judges the
 * object as it was before the unit. Spec 6.8.
 */
export function check(id: string, options: UpdateOptions = {}): ObjectMember {
  checkOptions('check', options, changeOptions, KvetchOptionError);
  return { kind: 'check', id, options };
}

/** A member that inserts a plain edge, or replaces its data. */
export function insertEdge(edge: EdgeRef, input: EdgeInput): EdgeMember {
  checkOptions('insertEdge', input, edgeInput, KvetchOptionError);
  return { kind: 'insertEdge', edge, input };
}

/** A member that deletes a plain edge. */
export function deleteEdge(edge: EdgeRef, input: Omit<EdgeInput, 'data'>): EdgeMember {
  checkOptions('deleteEdge', input, edgeInput, KvetchOptionError);
  return { kind: 'deleteEdge', edge, input };
}

/** A member that inserts an entry of an index that is kept by hand. */
export function insertIndexEntry(index: IndexRef, input: IndexEntryInput): EntryMember {
  checkOptions('insertIndexEntry', input, entryInput, KvetchOptionError);
  return { kind: 'insertIndexEntry', index, input };
}

/** A member that deletes an entry of an index that is kept by hand. */
export function deleteIndexEntry(index: IndexRef, input: IndexEntryInput): EntryMember {
  checkOptions('deleteIndexEntry', input, entryInput, KvetchOptionError);
  return { kind: 'deleteIndexEntry', index, input };
}
