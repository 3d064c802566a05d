import { type GraphQLSchema, isObjectType } from 'graphql';
import type { FieldNode, FieldReference, Plan, PositionNode, ReadNode, StepNode } from '../plan/Plan.ts';
import type { PlanDocument } from '../plan/PlanDocument.ts';
import { type FieldFacts, fieldFacts } from '../schema/fields.ts';
import type { Definitions } from '../step/Definitions.ts';
import { itemAt } from '../utils/itemAt.ts';

type Own<T> = { -readonly [K in keyof T]: T[K] };

const NONE: readonly never[] = [];

/** A private copy of JSON: the checked plan is the one that runs. Lists and objects in it have no room to spare. */
export function copyJson(given: unknown): unknown {
  const text = JSON.stringify(given);
  return text === undefined ? undefined : JSON.parse(text);
}

/** The plan in a document that was found right. Parts that many plans of a schema share are there once, for all of them. */
export function planOf(schema: GraphQLSchema, definitions: Definitions, document: PlanDocument): Plan {
  for (const step of document.steps) shareStep(schema, definitions, step);
  for (const output of document.outputs) {
    if (output.kind !== 'object') continue;
    if (output.defers.length === 0) (output as Own<typeof output>).defers = NONE;
    for (const field of output.fields) shareField(factsOf(schema, field.coordinate), field);
  }
  return {
    version: document.version,
    operation: document.operation,
    operationName: document.operationName,
    document: document.document,
    resolvers: document.resolvers,
    guards: document.guards,
    steps: document.steps,
    layers: document.layers,
    outputs: document.outputs,
    places: document.places,
    defers: document.defers,
    ahead: document.ahead,
    root: document.root,
    stream: document.stream,
  };
}

function shareStep(schema: GraphQLSchema, definitions: Definitions, step: Own<StepNode>): void {
  step.op = definitions.stepClass(step.op)?.op ?? step.op;
  if (step.coordinate !== null) step.coordinate = factsOf(schema, step.coordinate)?.coordinate ?? step.coordinate;
  if (step.dependencies.length === 0) step.dependencies = NONE;
}

function shareField(facts: FieldFacts | undefined, field: Own<FieldNode>): void {
  if (field.effects.length === 0) field.effects = NONE;
  if (field.deliveries.length === 0) field.deliveries = NONE;
  const [only, ...others] = field.nodes;
  if (only?.guard === 0 && others.length === 0) field.nodes = unguarded(only);
  if (facts === undefined) return;
  field.coordinate = facts.coordinate;
  const position: Own<PositionNode> = field.position;
  if (isEqual(position.read, facts.read)) position.read = facts.read;
}

function factsOf(schema: GraphQLSchema, coordinate: string): FieldFacts | undefined {
  const [typeName = '', fieldName = ''] = coordinate.split('.');
  const type = schema.getType(typeName);
  return isObjectType(type) ? fieldFacts(schema, type, fieldName) : undefined;
}

function isEqual(a: ReadNode, b: ReadNode): boolean {
  return a.step === b.step && a.field === b.field && a.path.length === b.path.length && a.path[0] === b.path[0];
}

/** By number: the one field of a document that stands behind a field of the response, as it is mostly. */
const singles: (readonly FieldReference[])[] = [];

function unguarded(reference: FieldReference): readonly FieldReference[] {
  if (reference.node > 1_000) return [reference];
  singles[reference.node] ??= [reference];
  return itemAt(singles, reference.node);
}
