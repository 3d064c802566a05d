import type { World } from './world.ts';

export function typeDefsOf({ types }: World): string {
  const query = types.map(
    (_, at) => `  one${at}(id: ID!): T${at}\n  all${at}(ids: [ID!]!): [T${at}]\n  named${at}(name: String!): T${at}`,
  );
  const objects = types.map(({ references, lists }, at) => {
    const fields = [
      'id: ID',
      'name: String',
      ...references.map((to, n) => `r${n}: T${to}`),
      ...lists.flatMap((to, n) => [`l${n}(first: Int): [T${to}!]`, `c${n}: Int`]),
    ];
    return `type T${at} {\n  ${fields.join('\n  ')}\n}`;
  });
  return `type Query {\n${query.join('\n')}\n}\n${objects.join('\n')}\n`;
}
