import {
  type DocumentNode,
  GraphQLError,
  type GraphQLSchema,
  isAbstractType,
  isLeafType,
  isObjectType,
  type OperationTypeNode,
  parse,
} from 'graphql';
import type { Task } from '../execution/schedule/TaskGraph.ts';
import { objectOutput } from '../plan/outputAt.ts';
import type { AbstractOutput, ObjectOutput, Plan, PositionNode } from '../plan/Plan.ts';
import type { PlanDocument } from '../plan/PlanDocument.ts';
import { isReference } from '../plan/params.ts';
import { verifyDocument } from '../plan/verifyDocument.ts';
import { documentFields } from '../schema/documentFields.ts';
import { checkParams } from '../step/checkParams.ts';
import { Definitions } from '../step/Definitions.ts';
import { appendAll } from '../utils/appendAll.ts';
import { itemAt } from '../utils/itemAt.ts';
import { linkPlan } from './linkPlan.ts';
import { PlanDocumentError } from './PlanDocumentError.ts';
import { type PlanRunner, PreparedPlan } from './PreparedPlan.ts';
import { copyJson, planOf } from './planOf.ts';
import { selectOperation } from './prepareRequest.ts';
import { SourceDocument } from './SourceDocument.ts';
import { usedDefinitions } from './usedDefinitions.ts';

/**
 * Makes an exported plan ready to run against a schema. Nothing is planned.
 *
 * @throws PlanDocumentError with all problems at once.
 */
export function importPlan(runner: PlanRunner, json: unknown): PreparedPlan {
  const { schema, definitions } = runner;
  const examined = examine(schema, definitions, ownJson(json));
  if (!('document' in examined)) return refuse(examined.problems);
  const plan = planOf(schema, definitions, examined.plan);
  try {
    const document = new SourceDocument(plan.document, examined.document, null);
    const linked = linkPlan(runner, plan, { document, locals: [], planBranches: null });
    if (waitsForItself(linked.graph.tasks)) refuse(['Some of its steps and layers wait for each other.']);
    document.letGo();
    return new PreparedPlan(runner, document, linked);
  } catch (error) {
    // A step class may refuse its params.
    return refuse([error instanceof Error ? error.message : String(error)]);
  }
}

function ownJson(json: unknown): unknown {
  try {
    return copyJson(json);
  } catch {
    // It contains itself, say.
    return refuse(['The plan is no JSON.']);
  }
}

function refuse(problems: readonly string[]): never {
  throw new PlanDocumentError('This plan cannot be imported:', problems);
}

type Examined =
  | { readonly problems: readonly string[] }
  | { readonly plan: PlanDocument; readonly document: DocumentNode };

/** Why a document cannot be imported into this process for a schema, all reasons at once; none: it can. */
export function importProblems(schema: GraphQLSchema, json: unknown): readonly string[] {
  const examined = examine(schema, Definitions.of(schema), json);
  return 'problems' in examined ? examined.problems : [];
}

function examine(schema: GraphQLSchema, definitions: Definitions, json: unknown): Examined {
  const problems = verifyDocument(json);
  if (problems.length > 0) return { problems };
  const plan = json as PlanDocument;
  const document = parsed(plan);
  if (typeof document === 'string') return { problems: [document] };
  const { length } = documentFields(document);
  const all = new Set([
    ...processProblems(plan, definitions),
    ...checkParams(plan, length, definitions),
    ...changedDefinitions(schema, plan),
    ...outputProblems(schema, plan),
    ...documentProblems(plan, document, length),
  ]);
  return all.size > 0 ? { problems: [...all] } : { plan, document };
}

/** The document of a plan, or the problem of its text. */
function parsed({ document }: Plan): DocumentNode | string {
  try {
    return parse(document);
  } catch (error) {
    if (error instanceof GraphQLError) return `Its document is no GraphQL: ${error.message}`;
    throw error;
  }
}

/** The problems of a plan's claims about its document. */
function documentProblems(plan: Plan, document: DocumentNode, fields: number): string[] {
  const selected = selectOperation(document, plan.operationName);
  if (selected instanceof GraphQLError) return [selected.message];
  const { operation } = selected.operation;
  const problems = operation === plan.operation ? [] : [`Its operation is a ${operation}.`];
  for (const output of plan.outputs) {
    if (output.kind !== 'object') continue;
    for (const { coordinate, nodes } of output.fields) {
      if (nodes.some(({ node }) => node >= fields)) problems.push(`"${coordinate}" is at no field of its document.`);
    }
  }
  return problems;
}

/** Whether some task can never begin. */
function waitsForItself(tasks: readonly Task[]): boolean {
  const waiting = tasks.map(({ dependencies }) => dependencies.length);
  const ready = tasks.filter(({ dependencies }) => dependencies.length === 0);
  let done = 0;
  for (const { dependents } of ready) {
    done++;
    for (const dependent of dependents) {
      waiting[dependent] = itemAt(waiting, dependent) - 1;
      if (waiting[dependent] === 0) ready.push(itemAt(tasks, dependent));
    }
  }
  return done < tasks.length;
}

/** Names in the plan that are unknown here, or have several meanings, or another version. */
function processProblems({ steps, ops }: PlanDocument, definitions: Definitions): string[] {
  const problems: string[] = [];
  for (const { op, params } of steps) {
    const version = definitions.version(op);
    const unknown = definitions.classProblem(op);
    if (unknown !== null) problems.push(unknown);
    else if (ops[op] !== version) {
      const made = ops[op] === undefined ? 'no version' : `version ${ops[op]}`;
      problems.push(`Step ${op} was planned with ${made}, and has version ${version} here. Plan it again.`);
    }
    for (const value of Object.values(params)) {
      if (!isReference(value)) continue;
      const problem =
        value.$ref === null
          ? `Step ${op} captured a closure when it was planned.`
          : definitions.referenceProblem(value.$ref);
      if (problem !== null) problems.push(problem);
    }
  }
  return problems;
}

/** Fields, arguments, input types and abstract types that the schema has not, or has otherwise. */
function changedDefinitions(schema: GraphQLSchema, plan: PlanDocument): string[] {
  const here = usedDefinitions(schema, plan);
  const names = new Set([...Object.keys(plan.definitions), ...Object.keys(here)]);
  return [...names].flatMap((name) => {
    const planned = Object.hasOwn(plan.definitions, name) ? plan.definitions[name] : undefined;
    const found = Object.hasOwn(here, name) ? here[name] : undefined;
    if (planned === found) return [];
    if (found === undefined) return [`The schema has no ${name.includes('.') ? 'field' : 'type'} "${name}".`];
    if (planned === undefined) return [`The plan does not say how it was planned for "${name}".`];
    return [`"${name}" was planned as ${shown(planned)}, and is ${shown(found)} in this schema.`];
  });
}

/** A field without arguments is shown as its type. */
function shown(definition: string): string {
  return definition.replace(/^: /, '');
}

/** Every output of the plan must fit the schema, whatever the document claims. */
function outputProblems(schema: GraphQLSchema, plan: Plan): string[] {
  const root = objectOutput(plan, plan.root);
  const rootName = schema.getRootType(plan.operation as OperationTypeNode)?.name;
  const problems = root.type === rootName ? [] : [`The schema's ${plan.operation} type is not "${root.type}".`];
  for (const output of plan.outputs) {
    const type = 'type' in output ? schema.getType(output.type) : undefined;
    // A scalar that the schema does not use is no type of it; the field that has it gives the better message.
    if (output.kind === 'leaf' && type !== undefined && !isLeafType(type)) {
      problems.push(`"${output.type}" is no scalar or enum.`);
    }
    if (output.kind === 'abstract') appendAll(problems, branchProblems(schema, plan, output));
    if (output.kind !== 'object') continue;
    if (!isObjectType(type)) problems.push(`The schema has no object type "${output.type}".`);
    else for (const field of output.fields) appendAll(problems, fieldProblems(plan, output, field, type.getFields()));
  }
  return problems;
}

function branchProblems(schema: GraphQLSchema, plan: Plan, { type: name, branches }: AbstractOutput): string[] {
  const type = schema.getType(name);
  if (!isAbstractType(type)) return [`The schema has no interface or union "${name}".`];
  return branches.flatMap(({ type: branch, position }) => {
    const object = schema.getType(branch);
    const output = plan.outputs[position.output];
    const isRight = isObjectType(object) && schema.isSubType(type, object);
    return isRight && output?.kind === 'object' && output.type === branch
      ? []
      : [`"${branch}" is no object type of "${name}".`];
  });
}

function fieldProblems(
  plan: Plan,
  { type }: ObjectOutput,
  { coordinate, position }: ObjectOutput['fields'][number],
  fields: Readonly<Record<string, { readonly type: unknown }>>,
): string[] {
  const name = coordinate.slice(coordinate.indexOf('.') + 1);
  const { kind } = itemAt(plan.outputs, position.output);
  if (kind === 'typename' && name !== '__typename') return [`"${coordinate}" is not the name of a type.`];
  if (name.startsWith('__')) return [];
  if (!coordinate.startsWith(`${type}.`)) return [`"${coordinate}" is no field of "${type}".`];
  const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
  if (field === undefined) return [`The schema has no field "${coordinate}".`];
  const planned = typeOf(plan, position);
  if (planned === null || planned === String(field.type)) return [];
  return [`"${coordinate}" was planned as ${planned}, and is ${String(field.type)} in this schema.`];
}

/** The type that a position was planned for; null where planning it failed. */
function typeOf(plan: Plan, { output, nonNull }: PositionNode): string | null {
  const node = itemAt(plan.outputs, output);
  if (node.kind === 'error' || node.kind === 'typename') return null;
  const type = node.kind === 'list' ? listOf(typeOf(plan, node.item)) : node.type;
  return type === null ? null : `${type}${nonNull ? '!' : ''}`;
}

function listOf(item: string | null): string | null {
  return item === null ? null : `[${item}]`;
}
