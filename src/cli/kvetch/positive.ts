import { UsageError } from '../Command.ts';
import type { Values } from './kvetchCommand.ts';

/** An option that is a number above 0. */
export function positive(values: Values, name: string, otherwise: number): number {
  const given = values[name];
  if (given === undefined) return otherwise;
  const number = Number(given);
  if (Number.isFinite(number) && number > 0) return number;
  throw new UsageError(`--${name} is "${given}" and must be a number above 0.`);
}
