import {
  type ASTVisitor,
  concatAST,
  type DocumentNode,
  type GraphQLError,
  KnownArgumentNamesRule,
  KnownDirectivesRule,
  KnownTypeNamesRule,
  PossibleTypeExtensionsRule,
  ProvidedRequiredArgumentsRule,
  parse,
  UniqueArgumentDefinitionNamesRule,
  UniqueArgumentNamesRule,
  UniqueDirectiveNamesRule,
  UniqueDirectivesPerLocationRule,
  UniqueEnumValueNamesRule,
  UniqueFieldDefinitionNamesRule,
  UniqueInputFieldNamesRule,
  UniqueOperationTypesRule,
  UniqueTypeNamesRule,
  visit,
  visitInParallel,
} from 'graphql';
import { importedDirectives } from '../../federation/directives.ts';
import { directiveSdl } from '../directives.ts';
import type { Problems } from '../parse/Problems.ts';
import { remedyFor } from './remedies.ts';

/** The context of a rule for SDL; graphql-js keeps the class to itself. */
interface SdlContext {
  getDocument(): DocumentNode;
  getSchema(): null;
  reportError(error: GraphQLError): void;
}

type SdlRule = (context: never) => ASTVisitor;

/** graphql-js' own rules for SDL, with its own words. Rules that need whole types come later, with the schema. */
const rules: readonly SdlRule[] = [
  UniqueOperationTypesRule,
  UniqueTypeNamesRule,
  UniqueEnumValueNamesRule,
  UniqueFieldDefinitionNamesRule,
  UniqueArgumentDefinitionNamesRule,
  UniqueDirectiveNamesRule,
  KnownTypeNamesRule,
  PossibleTypeExtensionsRule,
  KnownDirectivesRule,
  UniqueDirectivesPerLocationRule,
  KnownArgumentNamesRule,
  UniqueArgumentNamesRule,
  UniqueInputFieldNamesRule,
  ProvidedRequiredArgumentsRule,
];

/** Scalars that Grapple knows without a definition. */
export const knownScalars = ['UUID', 'DateTime', 'JSON'] as const;

/** Checks a document as SDL, directives of Grapple included. */
export function checkStandardRules(document: DocumentNode, problems: Problems): void {
  const known = [directiveSdl, importedDirectives(document), ...missingScalars(document)];
  const added = parse(known.join('\n'), { noLocation: true });
  const whole = concatAST([added, document]);
  const context: SdlContext = {
    getDocument: () => whole,
    getSchema: () => null,
    reportError: (error) => problems.error(error, remedyFor(error)),
  };
  visit(whole, visitInParallel(rules.map((rule) => rule(context as never))));
}

/** Definitions of the scalars that Grapple knows and a document does not define. */
export function missingScalars({ definitions }: DocumentNode): readonly string[] {
  const defined = new Set(definitions.flatMap((node) => ('name' in node ? [node.name?.value] : [])));
  return knownScalars.filter((name) => !defined.has(name)).map((name) => `scalar ${name}`);
}
