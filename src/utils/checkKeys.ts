/**
 * Refuses options that do not exist, and times that are none. For code of pages, where `checkOptions` is too large.
 *
 * @param owner The function that was given the options, as its user writes it.
 * @param names The options that there are, with spaces between them. Names that end with `Ms` are times.
 * @throws TypeError with the code `BAD_OPTION`.
 */
export function checkKeys(owner: string, options: object, names: string): void {
  for (const key in options) {
    const value: unknown = Reflect.get(options, key);
    if (!names.split(' ').includes(key)) throw badOption(`${owner} has no option "${key}". It has: ${names}.`);
    if (key.endsWith('Ms') && value !== undefined && !(Number(value) >= 0))
      throw badOption(`${owner}: "${key}" is ${String(value)} and must be 0 or more.`);
  }
}

export function badOption(message: string): Error {
  return Object.assign(new TypeError(message), { code: 'BAD_OPTION' });
}
