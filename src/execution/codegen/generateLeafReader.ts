import { quote, SourceWriter } from '../../utils/SourceWriter.ts';

/** Writes the source of a `LeafReader` of some keys. */
export function generateLeafReader(keys: readonly string[]): string {
  const source = new SourceWriter();
  source.block('return function readLeaves(list, first, prototype, found)', () => {
    source.line('let index = first, v;');
    source.block('for (; index < list.length; index++)', () => {
      source.line('const value = list[index];');
      source.line('if (typeof value !== "object" || value === null) break;');
      source.line('if (Object.getPrototypeOf(value) !== prototype) break;');
      for (const key of keys)
        source.line(`if (typeof (v = value[${quote(key)}]) === "object" && v !== null) found(v);`);
    });
    source.line('return index;');
  });
  return source.toString();
}
