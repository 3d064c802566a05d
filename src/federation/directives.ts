import { type ConstDirectiveNode, type DocumentNode, Kind, visit } from 'graphql';

const member = 'ARGUMENT_DEFINITION | ENUM | ENUM_VALUE | INPUT_OBJECT | INPUT_FIELD_DEFINITION | SCALAR | UNION';
const anywhere = `FIELD_DEFINITION | OBJECT | INTERFACE | ${member}`;
const guarded = 'FIELD_DEFINITION | OBJECT | INTERFACE | SCALAR | ENUM';

/** The directives of Apollo Federation, 1 and 2, with what follows their names where they are defined. */
const directives: Readonly<Record<string, string>> = {
  key: '(fields: String!, resolvable: Boolean = true) repeatable on OBJECT | INTERFACE',
  requires: '(fields: String!) on FIELD_DEFINITION',
  provides: '(fields: String!) on FIELD_DEFINITION',
  external: '(reason: String) on OBJECT | FIELD_DEFINITION',
  extends: ' on OBJECT | INTERFACE',
  shareable: ' repeatable on OBJECT | FIELD_DEFINITION',
  inaccessible: ` on ${anywhere}`,
  override: '(from: String!, label: String) on FIELD_DEFINITION',
  tag: `(name: String!) repeatable on SCHEMA | ${anywhere}`,
  composeDirective: '(name: String!) repeatable on SCHEMA',
  interfaceObject: ' on OBJECT',
  authenticated: ` on ${guarded}`,
  requiresScopes: `(scopes: [[String!]!]!) on ${guarded}`,
  policy: `(policies: [[String!]!]!) on ${guarded}`,
  context: '(name: String!) repeatable on OBJECT | INTERFACE | UNION',
  fromContext: '(field: String) on ARGUMENT_DEFINITION',
  cost: '(weight: Int!) on ARGUMENT_DEFINITION | ENUM | FIELD_DEFINITION | INPUT_FIELD_DEFINITION | OBJECT | SCALAR',
  listSize:
    '(assumedSize: Int, slicingArguments: [String!], sizedFields: [String!], requireOneSlicingArgument: Boolean = true) on FIELD_DEFINITION',
  cacheTag: '(format: String!) repeatable on OBJECT | FIELD_DEFINITION',
  link: '(url: String!, as: String, for: String, import: [String]) repeatable on SCHEMA',
  core: '(feature: String!, as: String, for: String) repeatable on SCHEMA',
};

/** Whether federation has a directive of this name. */
export function isFederationDirective(name: string): boolean {
  return Object.hasOwn(directives, name);
}

/** The directive of federation that a subgraph means by a name; null for others. */
export type DirectiveNames = (name: string) => string | null;

/** `@link(import: [{ name: "@key", as: "@primary" }])` renames; `@federation__key` is always there. */
export function directiveNames(document: DocumentNode): DirectiveNames {
  const renamed = new Map(importsOf(document));
  const defined = new Set<string>();
  for (const definition of document.definitions) {
    if (definition.kind === Kind.DIRECTIVE_DEFINITION) defined.add(definition.name.value);
  }
  return (used) => {
    const name = renamed.get(used) ?? used.replace(/^federation__/, '');
    return !isFederationDirective(name) || (defined.has(used) && name === used && name !== 'key') ? null : name;
  };
}

/** Whether a document links federation 2. */
export function isSubgraph(document: DocumentNode): boolean {
  return linksOf(document).some((link) => /^https?:\/\/specs\.apollo\.dev\/federation\/v2/.test(textOf(link, 'url')));
}

/** Definitions of what a subgraph imports from federation, as SDL; an empty text for other documents. */
export function importedDirectives(document: DocumentNode): string {
  if (!isSubgraph(document)) return '';
  const names = new Map([['link', 'link']]);
  for (const name of Object.keys(directives)) names.set(`federation__${name}`, name);
  for (const [used, name] of importsOf(document)) if (isFederationDirective(name)) names.set(used, name);
  return [...names].map(([used, name]) => `directive @${used}${directives[name]}`).join('\n');
}

/** The document without the directives of federation. */
export function withoutDirectives(document: DocumentNode, federation: DirectiveNames): DocumentNode {
  return visit(document, {
    Directive: ({ name }) => (federation(name.value) === null ? undefined : null),
  });
}

/** A `@key`; null for other directives. */
export function keyOf(
  node: ConstDirectiveNode,
  federation: DirectiveNames,
): { readonly fields: string; readonly isResolvable: boolean } | null {
  if (federation(node.name.value) !== 'key') return null;
  const resolvable = node.arguments?.find(({ name }) => name.value === 'resolvable')?.value;
  return { fields: textOf(node, 'fields'), isResolvable: resolvable?.kind !== Kind.BOOLEAN || resolvable.value };
}

function linksOf({ definitions }: DocumentNode): readonly ConstDirectiveNode[] {
  return definitions.flatMap((node) =>
    node.kind === Kind.SCHEMA_DEFINITION || node.kind === Kind.SCHEMA_EXTENSION
      ? (node.directives?.filter(({ name }) => name.value === 'link') ?? [])
      : [],
  );
}

/** The imported directives: the name in the document, and that of the directive. */
function importsOf(document: DocumentNode): readonly (readonly [used: string, name: string])[] {
  return linksOf(document).flatMap(({ arguments: given }) => {
    const imports = given?.find(({ name }) => name.value === 'import')?.value;
    return (imports?.kind === Kind.LIST ? imports.values : []).flatMap((value) => {
      if (value.kind === Kind.STRING) return [[bare(value.value), bare(value.value)] as const];
      if (value.kind !== Kind.OBJECT) return [];
      const field = (wanted: string): string => {
        const found = value.fields.find(({ name }) => name.value === wanted)?.value;
        return found?.kind === Kind.STRING ? bare(found.value) : '';
      };
      return [[field('as') || field('name'), field('name')] as const];
    });
  });
}

function bare(name: string): string {
  return name.replace(/^@/, '');
}

function textOf({ arguments: given }: ConstDirectiveNode, wanted: string): string {
  const value = given?.find(({ name }) => name.value === wanted)?.value;
  return value?.kind === Kind.STRING ? value.value : '';
}
