/**
 * The code of the UTF-16 unit at a place of a text, which must have one there.
 *
 * The same as `text.charCodeAt(index)`, at a quarter of its price where texts of many kinds come by (flat, sliced, joined,
 * of one byte or two a unit): V8 then looks the method up in the text each time. Taken from the prototype once, in a scope
 * of its own that bundlers leave alone, it is a constant, and V8 puts the access in its place. A place behind the end is not
 * only NaN: from then on V8 calls the method for all callers.
 */
export const codeAt: (text: string, index: number) => number = (() => {
  const { charCodeAt } = String.prototype;
  return (text: string, index: number): number => charCodeAt.call(text, index);
})();
