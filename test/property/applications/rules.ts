import type { Type } from './application.ts';

/** The classes of an application with their rules, by path. */
export function rulesOf(types: readonly Type[]): Map<string, string> {
  const stubs = new Map<string, string>();
  for (const { name, policy, policyAttr, attrs } of types) {
    const own = `allowIf('own', ({ $record }, { viewer }) => $record.owner != null && $record.owner === viewer.name)`;
    const read = {
      public: null,
      sameAs: null,
      owner: `[${own}]`,
      where: `[allowWhere({ status: 'A' }), ${own}]`,
      deny: `[denyIf('theirs', ({ $record }, { viewer }) => $record.status === 'C' && $record.owner !== viewer.name), allowAll]`,
      linked: `[${own}, requireThat('linked', ({ $record }, context) => $record.${policyAttr} != null && canRead(context, $record.${policyAttr})), allowAll]`,
    }[policy];
    const hidden = attrs.filter(({ isHidden }) => isHidden).map((one) => `${one.name}: [${own}]`);
    stubs.set(
      `pents/${name}.ts`,
      `import { allowAll, allowIf, allowWhere, canRead, denyIf, requireThat } from 'planql/pent';
import { ${name}Base } from '../generated/pents.ts';
export class ${name} extends ${name}Base {
  static override readonly privacy: any = { ${read === null ? '' : `read: ${read},`} write: [allowAll], ${hidden.length > 0 ? `fields: { ${hidden.join(', ')} }` : ''} };
}
`,
    );
  }
  return stubs;
}
