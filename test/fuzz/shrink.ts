import { type ASTNode, parse, print, validate, visit } from 'graphql';
import { type Attempt, differenceOf, setUp } from './attempt.ts';

/** Makes a failing attempt as small as it gets: less in the data, less in the operation. */
export async function shrink(failing: Attempt): Promise<Attempt> {
  const { data, operation } = setUp(failing);
  let best: Attempt = { ...failing, operation };
  const fails = async (attempt: Attempt): Promise<boolean> => (await differenceOf(attempt)) !== null;
  for (const knob of Object.keys(best.knobs) as (keyof Attempt['knobs'])[]) {
    if (knob === 'resolvers' || knob === 'conditions' || knob === 'incremental') continue;
    const less = { ...best, knobs: { ...best.knobs, [knob]: false } };
    if (best.knobs[knob] && (await fails(less))) best = less;
  }
  for (let changed = true; changed; ) {
    changed = false;
    for (const text of smaller((best.operation as NonNullable<Attempt['operation']>).text)) {
      if (validate(data.schema, parse(text)).length > 0) continue;
      const variables = Object.fromEntries(
        Object.entries((best.operation as NonNullable<Attempt['operation']>).variables).filter(([name]) =>
          text.includes(`$${name}`),
        ),
      );
      const less = { ...best, operation: { text, variables } };
      if (!(await fails(less))) continue;
      best = less;
      changed = true;
      break;
    }
  }
  return best;
}

/** The operation with one thing left out, for each thing. */
export function* smaller(text: string): Generator<string> {
  const document = parse(text, { noLocation: true });
  const places: ASTNode[] = [];
  const removable = new Set([
    'Field',
    'InlineFragment',
    'FragmentSpread',
    'Directive',
    'Argument',
    'FragmentDefinition',
  ]);
  visit(document, {
    enter(node) {
      if (removable.has(node.kind)) places.push(node);
    },
  });
  for (const place of places) {
    yield tidy(print(visit(document, { enter: (node) => (node === place ? null : undefined) })));
  }
  for (const place of places) {
    if (place.kind === 'InlineFragment') {
      yield tidy(
        print(
          visit(document, {
            SelectionSet: (node) =>
              node.selections.includes(place)
                ? {
                    ...node,
                    selections: node.selections.flatMap((selection) =>
                      selection === place ? place.selectionSet.selections : [selection],
                    ),
                  }
                : undefined,
          }),
        ),
      );
    }
    if (place.kind === 'Field' && place.alias !== undefined) {
      yield tidy(
        print(
          visit(document, {
            enter: (node) => {
              if (node !== place) return undefined;
              const { alias, ...rest } = place;
              return rest;
            },
          }),
        ),
      );
    }
  }
}

/** Leaves out what is not used any more: empty selections, fragments, variables. */
function tidy(text: string): string {
  try {
    const document = parse(text, { noLocation: true });
    const used = new Set<string>();
    visit(document, { FragmentSpread: (node) => void used.add(node.name.value) });
    const kept = {
      ...document,
      definitions: document.definitions.filter(
        (node) => node.kind !== 'FragmentDefinition' || used.has(node.name.value),
      ),
    };
    const variables = new Set<string>();
    visit(kept, {
      Variable: {
        enter: (node, _key, parent) => {
          if ((parent as ASTNode | undefined)?.kind !== 'VariableDefinition') variables.add(node.name.value);
        },
      },
    });
    return print(
      visit(kept, { VariableDefinition: (node) => (variables.has(node.variable.name.value) ? false : null) }),
    );
  } catch {
    return '{ __typename @invalid }';
  }
}
