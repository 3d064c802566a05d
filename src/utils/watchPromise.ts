const subscribe = Promise.prototype.then;

const ignore = (): void => {};

/**
 * Marks the rejection of a promise as handled, and calls `onValue` with its value. Does nothing for other values. Other
 * thenables are left alone: calling `then` may begin their work, and the runtime does not track their rejections.
 */
export function watchPromise(value: unknown, onValue: (value: unknown) => void = ignore): boolean {
  if (!isNativePromise(value)) return false;
  try {
    Reflect.apply(subscribe, value, [onValue, ignore]);
  } catch {
    // Its class does not let a promise be derived.
  }
  return true;
}

/** Marks the rejections of the promises in a list as handled. */
export function watchItems(list: unknown): void {
  try {
    if (!Array.isArray(list)) return;
    for (let index = 0; index < list.length; index++) if (typeof list[index] === 'object') watchPromise(list[index]);
  } catch {
    // A proxy or a getter of the list threw.
  }
}

/** Marks the rejections of promises as handled, also in lists, in lists of lists, and in lists that promises give. */
export function watchNested(value: unknown): void {
  if (typeof value !== 'object' || value === null || watchPromise(value, watchNested)) return;
  try {
    if (Array.isArray(value) || value instanceof Set) for (const item of value) watchNested(item);
  } catch {
    // A proxy or a getter of the list threw.
  }
}

export function isNativePromise(value: unknown): boolean {
  try {
    return value instanceof Promise;
  } catch {
    return false; // A proxy hides its prototype.
  }
}
