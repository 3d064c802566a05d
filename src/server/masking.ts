import type { OptionTable } from '../errors/checkOptions.ts';
import type { Mapped, Maskable } from './mapResults.ts';
import { leaveErrors, type MaskOptions, maskErrors, maskOptions } from './maskErrors.ts';

/** The one option by which a server's errors are planql's, or its own. */
export interface MaskingOptions {
  /**
   * Whether planql masks errors (see `maskErrors`), perhaps with options, or leaves them to the server. Default: false
   * for GraphQL Yoga and Apollo Server, true for Envelop. The table is in docs/errors.md.
   */
  readonly maskErrors?: boolean | MaskOptions;
}

export const maskingOptions: OptionTable<MaskingOptions> = { maskErrors: maskOptions };

/** The functions, with the errors that the option says. */
export function masked<TFunctions extends Partial<Maskable>>(
  functions: TFunctions,
  option: NonNullable<MaskingOptions['maskErrors']>,
): Mapped<TFunctions> {
  if (option === false) return leaveErrors(functions);
  return maskErrors(functions, option === true ? {} : option);
}
