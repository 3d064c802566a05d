import type { DocumentNode } from 'graphql';
import type { SchemaChange } from '../lock/compareLock.ts';
import type { GrappleModel } from '../model/Model.ts';
import { indexTypes } from '../model/TypeIndex.ts';
import { Problems } from '../parse/Problems.ts';
import { type CheckContext, checkContext } from './CheckContext.ts';
import { checkEdges } from './checkEdges.ts';
import { checkLists } from './checkLists.ts';
import { checkLock } from './checkLock.ts';
import { checkMutations } from './checkMutations.ts';
import { checkNames } from './checkNames.ts';
import { checkNumbers } from './checkNumbers.ts';
import { checkPentFields } from './checkPentFields.ts';
import { checkPlacement } from './checkPlacement.ts';
import { checkPrivacy, warnOfOpenTypes } from './checkPrivacy.ts';
import { checkQueries } from './checkQueries.ts';
import { checkRenames } from './checkRenames.ts';
import { checkVisible } from './checkVisible.ts';
import { checkAbstractTypes, checkRoots } from './checkWholeSchema.ts';
import { warnOfUnreadLists } from './unreadLists.ts';

const checks: readonly ((context: CheckContext) => void)[] = [
  checkRoots,
  checkPlacement,
  checkNumbers,
  checkNames,
  checkPrivacy,
  checkPentFields,
  checkVisible,
  checkRenames,
  checkLists,
  checkEdges,
  checkQueries,
  checkMutations,
  checkAbstractTypes,
];

/** All checks of a document's meaning. None relies on another having passed. */
export function checkModel(
  document: DocumentNode,
  model: GrappleModel,
  changes: readonly SchemaChange[],
  problems: Problems,
): void {
  const context = checkContext(document, indexTypes(document), model, problems);
  for (const check of checks) check(context);
  checkLock(changes, context);
}

/** What is not wrong, but may not be meant. `code`: the texts of hand-written files; null where nobody knows them. */
export function warningsOf(document: DocumentNode, model: GrappleModel, code: readonly string[] | null): Problems {
  const problems = new Problems();
  const context = checkContext(document, indexTypes(document), model, problems);
  warnOfOpenTypes(context);
  if (code !== null) warnOfUnreadLists(context, code);
  return problems;
}
