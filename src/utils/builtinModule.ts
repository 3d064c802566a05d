/** A module of Node; null where the runtime has none: in a browser, in a worker at the edge. No bundler follows it. */
export function builtinModule<TModule extends object>(name: `node:${string}`): TModule | null {
  if (typeof process !== 'object' || typeof process.getBuiltinModule !== 'function') return null;
  const load: (name: string) => TModule | undefined = Reflect.get(process, 'getBuiltinModule');
  return load(name) ?? null;
}
