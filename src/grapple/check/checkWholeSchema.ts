import { buildASTSchema, concatAST, parse, validateSchema } from 'graphql';
import { directiveSdl } from '../directives.ts';
import type { CheckContext } from './CheckContext.ts';
import { hasDirective } from './CheckContext.ts';
import { missingScalars } from './standardRules.ts';

/** graphql-js' checks of a whole schema: interfaces, input positions, empty types. Its words. */
export function checkWholeSchema({ document, problems }: Pick<CheckContext, 'document' | 'problems'>): void {
  const added = parse([directiveSdl, ...missingScalars(document)].join('\n'), { noLocation: true });
  const schema = buildASTSchema(concatAST([document, added]), { assumeValidSDL: true });
  // Without a Query, checkRoots says it better.
  if (schema.getQueryType() == null) return;
  for (const error of validateSchema(schema)) problems.error(error);
}

/** Values of interfaces and unions tell their types by being Pents: all types of one must be. */
export function checkAbstractTypes({ types, problems, model }: CheckContext): void {
  const readable = new Set(model.pents.map(({ name }) => name));
  for (const entry of types.values()) {
    if (entry.kind !== 'union' && entry.kind !== 'interface') continue;
    const members =
      entry.kind === 'union'
        ? entry.members.map((node) => ({ name: node.name.value, node }))
        : [...types.values()].flatMap(({ name, kind, interfaces }) =>
            kind === 'object'
              ? interfaces.filter((node) => node.name.value === entry.name).map((node) => ({ name, node }))
              : [],
          );
    for (const { name, node } of members) {
      const member = types.get(name);
      if (readable.has(name) || member === undefined || hasDirective(member, 'pent')) continue;
      const verb = entry.kind === 'union' ? 'holds' : 'is implemented by';
      problems.at(
        node,
        `The ${entry.kind} ${entry.name} ${verb} ${name}, which is not marked @pent: nothing would tell the type of its values. Mark it, or take it out.`,
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
  if (types.size > 0 && !types.has('Query')) {
    const [first] = document.definitions;
    if (first !== undefined && !document.definitions.some(({ kind }) => kind === 'SchemaDefinition')) {
      problems.at(first, 'There is no type "Query". Add one: "type Query { … }".');
    }
  }
}
