import type { LoadOneForm } from './loaders.ts';
import { type Recipe, recipe } from './Recipe.ts';

/**
 * The recipe whose step a recipe stands for: parts of tuples and records are the very steps that were put in, so what else
 * is in there is not looked at.
 */
export function sameStep(given: Recipe): Recipe {
  const found = partOf(given);
  return found === given ? given : sameStep(found);
}

function partOf(given: Recipe): Recipe {
  const [source] = given.of;
  if (source === undefined) return given;
  const inner = sameStep(source);
  switch (given.kind) {
    case 'get':
      return attributeOf(inner, given.with as string) ?? given;
    case 'first':
      return itemOf(inner, 0) ?? given;
    case 'last':
      return itemOf(inner, -1) ?? given;
    case 'at':
      return itemOf(inner, given.with as number) ?? given;
    case 'each': {
      const [, result] = given.of;
      const isIdentity = result?.kind === 'item' && result.with === given.with;
      return isIdentity ? inner : given;
    }
    default:
      return given;
  }
}

function attributeOf(source: Recipe, name: string): Recipe | null {
  switch (source.kind) {
    case 'object':
    case 'record':
      return source.of[(source.with as readonly string[]).indexOf(name)] ?? null;
    case 'remapKeys': {
      const from = (source.with as Record<string, string>)[name];
      return from === undefined ? null : recipe('get', source.of, from);
    }
    case 'loadOne': {
      const { equals, keys } = source.with as LoadOneForm;
      const part = name === 'id' ? 0 : name === 'm' && keys !== 'one' ? 1 : null;
      return equals === 'io' && part !== null ? (source.of[part] ?? null) : null;
    }
    default:
      return null;
  }
}

function itemOf(source: Recipe, index: number): Recipe | null {
  if (source.kind !== 'list' && source.kind !== 'tuple') return null;
  return source.of.at(index) ?? null;
}
