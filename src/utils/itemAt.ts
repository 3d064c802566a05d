/**
 * The item at a place that is known to be in the list; throws `RangeError` where none is. All callers share the type
 * feedback of V8: beside `list[index]` it costs some 5 ns (decision engine-assertions), too much for loops over rows.
 */
export function itemAt<T>(list: ArrayLike<T>, index: number): T {
  const item = list[index];
  return item !== undefined ? item : undefinedAt(list, index);
}

function undefinedAt<T>(list: ArrayLike<T>, index: number): T {
  if (!(index >= 0 && index < list.length))
    throw new RangeError(`There is no item ${index} in a list of ${list.length}.`);
  return list[index] as T;
}
