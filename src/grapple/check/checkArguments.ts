import type { InputValueDefinitionNode } from 'graphql';
import { didYouMean } from '../../utils/didYouMean.ts';
import { printShape, typeShape } from '../model/typeShape.ts';
import type { CheckContext, FieldUse } from './CheckContext.ts';

/** The arguments that a generated field takes: name -> the types it may have, the best first. Empty: any type. */
export type WantedArguments = Readonly<Record<string, readonly string[]>>;

/** Stores cut longer pages. */
const MAX_FIRST = 1_000;

/** Checks that a generated field has the arguments that it needs, and no others. */
export function checkArguments(
  { field, place }: Pick<FieldUse, 'field' | 'place'>,
  wanted: WantedArguments,
  problems: CheckContext['problems'],
): void {
  const given = field.arguments ?? [];
  for (const [name, types] of Object.entries(wanted)) {
    const argument = given.find((other) => other.name.value === name);
    if (argument === undefined) {
      problems.at(field.name, `${place} needs the argument "${name}: ${types[0]}".`);
      continue;
    }
    const shape = printShape(typeShape(argument.type));
    if (types.length > 0 && !types.includes(shape)) {
      problems.at(argument.type, `The argument "${name}" of ${place} is ${shape}. Make it ${types[0]?.split(' ')[0]}.`);
    }
  }
  for (const argument of given) {
    const name = argument.name.value;
    if (Object.hasOwn(wanted, name) || isMarked(argument)) continue;
    const hint = didYouMean(name, Object.keys(wanted)) || ' Take it away, or make the field @custom.';
    problems.at(argument, `${place} does nothing with the argument "${name}".${hint}`);
  }
}

function isMarked({ directives = [] }: InputValueDefinitionNode): boolean {
  return directives.some(({ name }) => ['versioned', 'idempotent', 'conditional'].includes(name.value));
}

/** Cursors of connections. */
export const cursorTypes: readonly string[] = ['String', 'ID'];

/** Checks the default of `first` or `last`: without one, a list may give all it has. */
export function checkSize(
  { field, place }: FieldUse,
  name: 'first' | 'last',
  problems: CheckContext['problems'],
): void {
  const size = field.arguments?.find((argument) => argument.name.value === name);
  if (size === undefined || typeShape(size.type).name !== 'Int') return;
  const { defaultValue } = size;
  if (defaultValue === undefined) {
    problems.at(size, `The argument "${name}" of ${place} has no default. Write "${name}: Int! = 100".`);
    return;
  }
  const value = defaultValue.kind === 'IntValue' ? Number(defaultValue.value) : null;
  if (value !== null && value >= 1 && value <= MAX_FIRST) return;
  const seen = value === null ? 'no number' : String(value);
  problems.at(
    defaultValue,
    `The default of "${name}" in ${place} is ${seen}. Make it a number from 1 to ${MAX_FIRST}.`,
  );
}
