import type { Step } from '../src/step/Step.ts';

/**
 * The argument `name` of a field that may not have it, from its `fieldArgs` or from a record of steps. Reading an
 * unknown `$name` off `fieldArgs` throws, so that misspelt names are noticed.
 */
export function optionalArgument(args: object | undefined, name: `$${string}`): Step | undefined {
  return args !== undefined && name in args ? (args as Readonly<Record<string, Step | undefined>>)[name] : undefined;
}
