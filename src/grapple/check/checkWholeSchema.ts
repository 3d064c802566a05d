import { buildASTSchema, concatAST, parse, validateSchema } from 'graphql';
import { directiveSdl } from '../directives.ts';
import type { CheckContext } from './CheckContext.ts';
import { checkDefaults } from './checkDefaults.ts';
import { remedyFor } from './remedies.ts';
import { missingScalars } from './standardRules.ts';

/** graphql-js' checks of a whole schema: interfaces, input positions, empty types. Its words. */
export function checkWholeSchema({ document, problems }: Pick<CheckContext, 'document' | 'problems'>): void {
  const added = parse([directiveSdl, ...missingScalars(document)].join('\n'), { noLocation: true });
  const schema = buildASTSchema(concatAST([document, added]), { assumeValidSDL: true });
  // Without a Query, checkRoots has the better message.
  if (schema.getQueryType() == null) return;
  for (const error of validateSchema(schema)) {
    // Of the directives of Grapple: another check tells of a type that takes the name of a scalar.
    const isAdded = error.nodes?.some(({ loc }) => loc !== undefined) === false;
    // graphql 17 finds these, too: one wording for both.
    if (!isAdded && !/has invalid default value/.test(error.message)) problems.error(error, remedyFor(error));
  }
  checkDefaults(schema, problems);
}

/** Unions hold objects that resolvers can return: no root types. */
export function checkAbstractTypes({ types, problems }: CheckContext): void {
  for (const { name, kind, members } of types.values()) {
    if (kind !== 'union') continue;
    for (const member of members) {
      if (types.get(member.name.value)?.isRoot !== true) continue;
      problems.at(
        member,
        `The union ${name} holds ${member.name.value}, where operations begin: no value is one. Take it out.`,
      );
    }
  }
}

/** Root types have the names that hand-written code is written for. */
export function checkRoots({ document, types, problems }: CheckContext): void {
  for (const node of document.definitions) {
    if (node.kind !== 'SchemaDefinition' && node.kind !== 'SchemaExtension') continue;
    for (const { operation, type } of node.operationTypes ?? []) {
      const wanted = { query: 'Query', mutation: 'Mutation', subscription: 'Subscription' }[operation];
      if (type.name.value === wanted) continue;
      problems.at(type, `The root type of ${operation} is called ${type.name.value}. Call it ${wanted}.`);
    }
  }
  if (!types.has('Query')) {
    const [first] = document.definitions;
    if (first !== undefined && !document.definitions.some(({ kind }) => kind === 'SchemaDefinition')) {
      problems.at(first, 'There is no type "Query". Add one: "type Query { … }".');
    }
  }
}
