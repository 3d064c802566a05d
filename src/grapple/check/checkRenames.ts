import { argumentNode } from '../model/directiveUse.ts';
import { type CheckContext, useOf } from './CheckContext.ts';

/** A former name must be free: data stored under it would belong to two fields, or to two types. */
export function checkRenames({ model: { pents }, fields, types, problems }: CheckContext): void {
  for (const { name, renamedFrom } of pents) {
    const use = types.get(name)?.directives.find((node) => node.name.value === 'renamed');
    const taken = renamedFrom.find((former) => types.has(former));
    if (use === undefined || taken === undefined) continue;
    problems.at(
      argumentNode(use, 'from'),
      `${name} is renamed from ${taken}, which is still a type. Take one of them away.`,
    );
  }
  const owners = new Map<string, string>();
  for (const { name: type, attributes } of pents) {
    for (const { name } of attributes) owners.set(`${type}.${name}`, `${type}.${name}`);
  }
  for (const field of fields) {
    const use = useOf(field, 'renamed');
    const from = use?.args.from;
    if (use === null || typeof from !== 'string') continue;
    if (!/^[_A-Za-z]\w*$/.test(from)) {
      problems.at(
        argumentNode(use.node, 'from'),
        `${field.place} is renamed from ${JSON.stringify(from)}, which is no name.`,
      );
      continue;
    }
    const former = `${field.entry.name}.${from}`;
    const owner = owners.get(former);
    owners.set(former, owner ?? field.place);
    if (owner === undefined) continue;
    const why = owner === former ? `which is still a field` : `and so is ${owner}`;
    problems.at(
      argumentNode(use.node, 'from'),
      `${field.place} is renamed from ${from}, ${why}. Take one of them away.`,
    );
  }
}
