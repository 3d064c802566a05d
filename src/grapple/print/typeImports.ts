import type { GrappleModel } from '../model/Model.ts';
import { importLine } from './source.ts';

/** Where a file of generated TypeScript finds types, from its own folder. */
interface TypePlaces {
  /** The module of `generated/types.ts`; null for itself. */
  readonly types: string | null;
  /** The folder of the classes. */
  readonly pents: string;
  /** A class that the file itself declares. */
  readonly own?: string;
}

/** The imports of all that TypeScript types name: generated types and classes. They are types only, so circles do no harm. */
export function typeImports(
  tsTypes: readonly string[],
  model: GrappleModel,
  { types, pents, own }: TypePlaces,
): string {
  const named = new Set(tsTypes.flatMap((type) => type.match(/\w+/g) ?? []));
  const classes = model.pents.map(({ name }) => name).filter((name) => named.has(name) && name !== own);
  const { enums, inputs, plainTypes, abstractTypes } = model;
  const generated = [...enums, ...inputs, ...plainTypes, ...abstractTypes].map(({ name }) => name);
  return [
    ...classes.sort().map((name) => importLine([name], `${pents}/${name}.ts`, true)),
    ...(types === null
      ? []
      : [
          importLine(
            generated.filter((name) => named.has(name)),
            types,
            true,
          ),
        ]),
  ].join('');
}
