import type { Random } from '../../fuzz/Random.ts';
import { type Application, type List, type ListField, nameOf, type Type } from './application.ts';
import { sdlOf } from './sdl.ts';

const laterKinds: ReadonlySet<List['kind']> = new Set(['stored', 'value', 'entries']);

/** The application before some of its lists were declared, and these. */
export function earlier(
  application: Application,
  random: Random,
): { readonly application: Application; readonly later: ReadonlySet<List> } {
  const canBeLater = ({ kind, onDelete, mustExist, colocate }: List): boolean =>
    laterKinds.has(kind) && onDelete === 'keep' && !mustExist && !colocate;
  const later = new Set(application.lists.filter((list) => canBeLater(list) && random.chance(0.5)));
  const types = application.types.map(
    (type): Type => ({
      ...type,
      fields: without(later, type.fields),
      lists: type.lists.filter((list) => !later.has(list)),
    }),
  );
  const declared = new Set(types.flatMap(({ fields }) => fields.flatMap(({ lists }) => lists.map(({ list }) => list))));
  for (const list of application.lists) if (list.kind === 'stored' && !declared.has(list)) later.add(list);
  const before = {
    types: types.map((type) => ({ ...type, sums: type.sums.filter(({ list }) => !later.has(list)) })),
    lists: application.lists.filter((list) => !later.has(list)),
    queries: without(later, application.queries),
  };
  return { application: { ...before, sdl: sdlOf(before), stubs: application.stubs }, later };
}

/** Fields with the lists that they have already. Those that would be another kind of field are left out. */
function without(later: ReadonlySet<List>, fields: readonly ListField[]): ListField[] {
  return fields.flatMap((field) => {
    const lists = field.lists.filter(({ list }) => !later.has(list));
    const orders = new Set(lists.flatMap(({ list }) => list.orderBy.map(nameOf)));
    const isBounded = field.bounds.every(({ attr }) => orders.has(attr.name));
    if (lists.length === 0 || (field.lists.length !== lists.length && !isBounded)) return [];
    return lists.length === 1 && field.lists.length > 1 && !field.isChoice ? [] : [{ ...field, lists }];
  });
}
