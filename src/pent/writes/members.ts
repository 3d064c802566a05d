import type { UpdateOptions } from '../../kvetch/writes/changeInTurn.ts';
import type { ChangeMember, EdgePart, PentClass, PentObject } from '../contract.ts';

/** Where a member creates its object. */
export interface MemberPlace {
  /** The id that it gets: `context.newId` makes one that other members can refer to. No id that a client has chosen. */
  readonly id?: string;
  /** It is to lie on the server of this id. */
  readonly near?: string;
}

interface Members {
  /** Creates an object. */
  create<TPent extends PentObject>(pentClass: PentClass<TPent>, data: object, place?: MemberPlace): ChangeMember<TPent>;
  /** Changes attributes of an object. */
  update<TPent extends PentObject>(
    pentClass: PentClass<TPent>,
    id: string,
    data: object,
    options?: UpdateOptions,
  ): ChangeMember<TPent>;
  /** Deletes an object. */
  delete<TPent extends PentObject>(
    pentClass: PentClass<TPent>,
    id: string,
    options?: UpdateOptions,
  ): ChangeMember<TPent>;
  /** Changes nothing: the unit is written only while the object is readable and as the options say. */
  check<TPent extends PentObject>(
    pentClass: PentClass<TPent>,
    id: string,
    options?: UpdateOptions,
  ): ChangeMember<TPent>;
  /** Puts an entry into a plain edge. Needs that the viewer may read both objects and update the first. */
  insertEdge(edge: string, fromId: string, toId: string, data?: unknown): EdgePart;
  deleteEdge(edge: string, fromId: string, toId: string): EdgePart;
}

/** Makes the members of `writeTogether`. */
export const member: Members = {
  create: (pentClass, data, { id, near } = {}) => ({
    ...{ kind: 'create', pentClass, id: id ?? null, data: { ...data }, options: { near } },
  }),
  update: (pentClass, id, data, options = {}) => ({ kind: 'update', pentClass, id, data: { ...data }, options }),
  delete: (pentClass, id, options = {}) => ({ kind: 'delete', pentClass, id, data: {}, options }),
  check: (pentClass, id, options = {}) => ({ kind: 'check', pentClass, id, data: {}, options }),
  insertEdge: (edge, fromId, toId, data) => ({ kind: 'insertEdge', edge, fromId, toId, data }),
  deleteEdge: (edge, fromId, toId) => ({ kind: 'deleteEdge', edge, fromId, toId, data: undefined }),
};
