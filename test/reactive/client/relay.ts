/** Relay, the real one, on the network that spec 12.8 describes. */
import {
  type ArgumentNode,
  type DocumentNode,
  type FieldNode,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isCompositeType,
  isListType,
  Kind,
  type OperationDefinitionNode,
  parse,
  TypeInfo,
  valueFromASTUntyped,
  visit,
  visitWithTypeInfo,
} from 'graphql';
import type { ReactiveClient, TypedDocument } from '../../../src/reactive-client.ts';

/** A request as Relay's network layer is given it, as far as it is read. */
interface Params {
  readonly text: string;
  readonly operationKind: string;
}

interface Sink {
  next(payload: object): void;
  error(error: unknown): void;
}

/** What Relay calls with each request: what the client watches is a payload whenever it changes. */
// biome-ignore lint/suspicious/noExplicitAny: Relay's types are those of Flow
export function relayFetch(client: ReactiveClient, Observable: any): (params: Params, variables: object) => unknown {
  const documents = new Map<string, TypedDocument>();
  return ({ text, operationKind }, variables) => {
    const document = documents.get(text) ?? (parse(text) as TypedDocument);
    documents.set(text, document);
    if (operationKind === 'mutation') return client.mutate(document, { ...variables });
    return Observable.create((sink: Sink) => {
      const { subscribe, getSnapshot } = client.watch(document, { ...variables });
      const show = (): void => {
        const { status, data, errors } = getSnapshot();
        if (status === 'ready') sink.next({ data, ...(errors !== undefined && { errors }) });
      };
      const stop = subscribe(show);
      show();
      return stop;
    });
  };
}

/** What Relay's compiler makes of an operation without fragments. */
export function artifactOf(text: string, schema: GraphQLSchema): object {
  const document = parse(text);
  const definition = document.definitions[0] as OperationDefinitionNode;
  const name = definition.name?.value ?? '';
  const args = (definition.variableDefinitions ?? []).map(({ variable }) => ({
    ...{ kind: 'LocalArgument', name: variable.name.value, defaultValue: null },
  }));
  const selections = selectionsOf(document, schema);
  const type = definition.operation === 'mutation' ? 'Mutation' : 'Query';
  const common = { argumentDefinitions: args, name, selections };
  return {
    kind: 'Request',
    fragment: { kind: 'Fragment', ...common, metadata: null, type, abstractKey: null },
    operation: { kind: 'Operation', ...common },
    params: { cacheID: text, id: null, metadata: {}, name, operationKind: definition.operation, text },
  };
}

function selectionsOf(document: DocumentNode, schema: GraphQLSchema): readonly object[] {
  const types = new TypeInfo(schema);
  const stack: object[][] = [[]];
  visit(
    document,
    visitWithTypeInfo(types, {
      Field: {
        enter: () => void stack.push([]),
        leave(node: FieldNode) {
          const selections = stack.pop();
          const type = types.getType();
          const named = getNamedType(type);
          const common = { alias: node.alias?.value ?? null, name: node.name.value, storageKey: null };
          const args = (node.arguments ?? []).map(argument);
          const field = isCompositeType(named)
            ? {
                ...{ kind: 'LinkedField', ...common, args, selections },
                ...{ concreteType: named.name, plural: isListType(getNullableType(type)) },
              }
            : { kind: 'ScalarField', ...common, args };
          stack.at(-1)?.push(field);
        },
      },
    }),
  );
  return stack[0] ?? [];
}

function argument({ name: { value: name }, value }: ArgumentNode): object {
  if (value.kind === Kind.VARIABLE) return { kind: 'Variable', name, variableName: value.name.value };
  if (value.kind !== Kind.OBJECT) return { kind: 'Literal', name, value: valueFromASTUntyped(value) };
  return { kind: 'ObjectValue', name, fields: value.fields.map((field) => argument(field as never)) };
}
