import type { FieldKind } from '../../kvetch/schema/definitions.ts';
import { didYouMean } from '../../utils/didYouMean.ts';
import { isIsoDate } from '../../utils/isIsoDate.ts';
import { argumentNode, type DirectiveUse } from '../model/directiveUse.ts';
import type { Attribute } from '../model/Model.ts';
import { isIndexKind, whereOf } from '../model/readLists.ts';
import type { CheckContext } from './CheckContext.ts';

/** Checks the conditions of a list: their attributes are stored, and can have these values. */
export function checkWhere(
  use: DirectiveUse,
  type: string,
  attributes: readonly Attribute[],
  { model, problems }: CheckContext,
): void {
  const where = whereOf(use);
  if (where === null) return;
  const node = argumentNode(use.node, 'where');
  if (Object.keys(where).length === 0) {
    problems.at(node, `@${use.name}(where:) names no attribute. Take it away.`);
  }
  for (const [name, wanted] of Object.entries(where)) {
    const found = attributes.find((attribute) => attribute.name === name);
    if (found === undefined || !isIndexKind(found.kind)) {
      const known = attributes.filter(({ kind }) => isIndexKind(kind)).map((attribute) => attribute.name);
      const what = found === undefined ? `which ${type} does not store` : 'whose values cannot be compared';
      problems.at(node, `@${use.name}(where:) names "${name}", ${what}.${didYouMean(name, known)}`);
      continue;
    }
    const values = Array.isArray(wanted) ? wanted : [wanted];
    if (values.length === 0) {
      problems.at(node, `@${use.name}(where:) wants no value of "${name}": nothing would ever be listed. Name one.`);
    }
    const members = model.enums.find((other) => found.tsType.split(' ').includes(other.name));
    for (const value of values) checkValue(value, found, members?.values.map((member) => member.name) ?? null);
  }

  function checkValue(value: unknown, attribute: Attribute, members: readonly string[] | null): void {
    const { name, kind, required } = attribute;
    const place = `@${use.name}(where:) wants ${JSON.stringify(value)} of ${type}.${name}`;
    if (value === null) {
      if (required) problems.at(node, `${place}, which is never null. Take it away.`);
    } else if (members !== null) {
      if (members.includes(String(value))) return;
      problems.at(node, `${place}, which is none of ${members.join(', ')}.${didYouMean(String(value), members)}`);
    } else if (kind === 'date') {
      if (typeof value === 'string' && isIsoDate(value)) return;
      problems.at(node, `${place}, which is a DateTime. Write one such as "2026-01-31T12:00:00Z".`);
    } else {
      const [type, word] = wantedOf[kind] ?? [];
      if (typeof value !== type) problems.at(node, `${place}, which is ${word}. Write one.`);
    }
  }
}

/** The values of attributes in JavaScript, and in words. */
const wantedOf: Readonly<Partial<Record<FieldKind, readonly [type: string, word: string]>>> = {
  string: ['string', 'a text'],
  uuid: ['string', 'a UUID'],
  int: ['number', 'an Int'],
  bool: ['boolean', 'a Boolean'],
};
