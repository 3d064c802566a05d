import type { AnyDocument, TypedDocument, Variables } from './document.ts';
import { readSelection } from './read.ts';
import { isObject, type JsonObject, type Scope, Selection } from './Selection.ts';
import type { Sink, View } from './Store.ts';
import { ROOT, Writer } from './write.ts';

/** Optimistic changes of the data that queries show. */
export interface Draft {
  /** Sets fields of an object. Fields that have arguments are changed by `update`. */
  set(object: { readonly __typename: string; readonly id: string | number }, fields: JsonObject): void;
  /** Changes the result of a query, where the store has all of it. New objects need `__typename` and `id`. */
  update<TData, TVariables extends Variables>(
    document: TypedDocument<TData, TVariables>,
    variables: TVariables,
    change: (data: TData) => TData,
  ): void;
}

type Prepare = (document: AnyDocument, variables: Variables) => Scope;

/** Makes the draft of one layer. */
export function draftOf(prepare: Prepare, view: View, sink: Sink): Draft {
  return {
    set({ __typename, id }, fields) {
      const record = `${__typename}:${id}`;
      for (const [key, value] of Object.entries({ __typename, id, ...fields })) sink.put(record, key, value);
    },
    update<TData>(document: TypedDocument<TData, never>, variables: Variables, change: (data: TData) => TData) {
      const scope = prepare(document, variables);
      const selection = new Selection([scope.operation.selectionSet], scope);
      const { data, missing } = readSelection(view, selection, ROOT);
      if (missing.size > 0) return;
      const changed = change(data as TData);
      if (isObject(changed)) new Writer(sink).whole(ROOT, selection, changed);
    },
  };
}
