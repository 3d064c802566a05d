import type { DirectiveUse } from '../model/directiveUse.ts';
import type { Attribute } from '../model/Model.ts';
import { storedAttributeOf, systemFields } from '../model/readPentTypes.ts';
import { printShape } from '../model/typeShape.ts';
import { type CheckContext, type FieldUse, useOf } from './CheckContext.ts';

/** Checks `@visible`: it stands on stored fields that may be null, and nothing else tells of their values. */
export function checkVisible(context: CheckContext): void {
  const { problems, model } = context;
  const first = new Map<Attribute, DirectiveUse>();
  for (const field of context.fields) {
    const use = useOf(field, 'visible');
    if (use === null || field.owner !== 'pent' || Object.hasOwn(systemFields, field.field.name.value)) continue;
    const name = storedAttributeOf(field.field, problems);
    const pent = model.pents.find((other) => other.name === field.entry.name);
    const attribute = pent?.attributes.find((other) => other.name === name);
    if (attribute === undefined) {
      problems.at(
        use.node,
        `${field.place} has @visible, but is not stored: a method decides itself what it gives. Take @visible away.`,
      );
      continue;
    }
    const earlier = first.get(attribute);
    if (earlier === undefined) {
      first.set(attribute, use);
      checkHideable(field, use, attribute, context);
    } else if (earlier.args.rule !== use.args.rule) {
      problems.at(use.node, `${field.place} has another rule than the field with the same id. Make them one.`);
    }
  }
}

function checkHideable(
  { place, entry }: FieldUse,
  { node, args }: DirectiveUse,
  { name, required }: Attribute,
  { fields, model, problems }: CheckContext,
): void {
  if (typeof args.rule === 'string' && !/^[A-Za-z_$][\w$]*$/.test(args.rule)) {
    problems.at(node, `The rule of ${place} is ${JSON.stringify(args.rule)}. Make it a name, such as "onlyOwner".`);
  }
  const own = fields.find((other) => other.entry === entry && other.field.name.value === name);
  if (required && own !== undefined) {
    problems.at(
      own.field.type,
      `${own.place} is ${printShape(own.shape)}, but those who may not see it get null. Write ${printShape({ ...own.shape, nonNull: false })}.`,
    );
  }
  if (model.indexes.some(({ type, attrs, unique }) => unique && type === entry.name && attrs.includes(name))) {
    problems.at(
      node,
      `${place} has @visible and @unique, so that the error of a write would tell that a value is taken. Make it @index.`,
    );
  }
  const edge = model.edges.find(
    ({ to, colocate, storedIdAttr }) => colocate && to === entry.name && storedIdAttr === name,
  );
  if (edge !== undefined) {
    problems.at(
      node,
      `${place} has @visible, and the edge "${edge.name}" is colocated by it: ids would tell the shard of the hidden object. Take "colocate" away.`,
    );
  }
}
