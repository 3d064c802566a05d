import { PlanqlError } from '../errors/PlanqlError.ts';
import { SafeError } from '../errors/SafeError.ts';
import { quote } from '../kvetch/errors.ts';
import type { PentObject, PentType } from './contract.ts';

/** A programming mistake in a model or in a call. Servers mask it. */
export class PentError<TCode extends string = string> extends PlanqlError<TCode> {}

/** The codes that clients see as `extensions.code`. */
export type SafeCode =
  | 'NOT_FOUND'
  | 'FORBIDDEN'
  | 'INVALID_INPUT'
  | 'ALREADY_TAKEN'
  | 'CONFLICT'
  | 'CONDITION_FAILED'
  | 'HAS_CHILDREN'
  | 'BAD_PAGE'
  | 'BAD_CURSOR';

/** @param code - a `SafeCode`, or the code of an application's rule. */
export function safeError(
  code: SafeCode | (string & {}),
  message: string,
  extra: object = {},
  cause?: unknown,
): SafeError {
  return new SafeError(message, { code, ...extra }, cause === undefined ? undefined : { cause });
}

/** The same words for an object that does not exist and for one that the viewer may not read. */
export function missing({ definition }: PentType, id: unknown): SafeError {
  return notFound(definition?.name ?? 'object', id);
}

export function notFound(typeName: string, id: unknown): SafeError {
  return safeError('NOT_FOUND', `There is no ${typeName} with the id ${quote(id)}.`);
}

export function missingIn({ definition }: PentType, index: string): SafeError {
  return safeError('NOT_FOUND', `There is no ${definition?.name ?? 'object'} with this value in the index "${index}".`);
}

export function wrongType(pent: PentObject, { definition }: PentType): PentError<'WRONG_TYPE'> {
  const own = pent.$context.model.find(pent.typeId)?.definition;
  return new PentError(
    'WRONG_TYPE',
    `Object "${pent.id}" is of type ${own?.name ?? 'Pent'}, not ${definition?.name}. Read it as its own type, or with Pent.get.`,
  );
}
