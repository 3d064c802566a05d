/**
 * What the GraphQL specification (September 2025, with what October 2021 says otherwise) states of execution and of
 * responses, in our words. Each statement is shown by a case of `specification.test.ts`, or by the test that is named.
 */
export interface Statement {
  readonly says: string;
  /** A file of this folder and the name, or a part of the name, of a test in it. */
  readonly shownIn?: readonly [file: string, test: string];
}

export const statements: Readonly<Record<string, Statement>> = {
  // 6.1 Executing Requests
  'GetOperation.only': { says: 'Without a name, the only operation of the document is executed.' },
  'GetOperation.ambiguous': { says: 'Without a name, several operations are a request error.' },
  'GetOperation.named': { says: 'With a name, the operation of that name is executed.' },
  'GetOperation.unknown': { says: 'A name that no operation has is a request error.' },
  'CoerceVariableValues.default': { says: 'A variable that is not given has its default, null included.' },
  'CoerceVariableValues.absent': { says: 'A nullable variable that is not given and has no default has no entry.' },
  'CoerceVariableValues.null': { says: 'A variable that is given as null is null, whatever its default.' },
  'CoerceVariableValues.required': { says: 'A non-null variable that is missing or null is a request error.' },
  'CoerceVariableValues.coerced': { says: 'Values are coerced by the rules of the declared type.' },
  'CoerceVariableValues.refused': { says: 'A value that cannot be coerced is a request error.' },
  // 6.2 Executing Operations
  'ExecuteQuery.initialValue': { says: 'The top level selection set is executed on the initial value.' },
  'ExecuteMutation.serially': { says: 'A mutation completes each of its fields before it begins the next, in order.' },
  'ExecuteMutation.subfields': { says: 'What is selected below a mutation field is part of that field.' },
  'Subscribe.responseStream': {
    says: 'A subscription gives a stream of results, one for each event of its source.',
    shownIn: ['subscriptions.test.ts', 'slow events keep their order'],
  },
  'CreateSourceEventStream.field': {
    says: 'The source is that of the one field, whatever its alias, with its arguments coerced.',
    shownIn: ['subscriptions.test.ts', 'aliases'],
  },
  'CreateSourceEventStream.error': {
    says: 'A source that cannot be made is an error of the response.',
    shownIn: ['subscriptions.test.ts', 'rejects'],
  },
  'MapSourceToResponseEvent.root': {
    says: 'Each event is the root value of one execution.',
    shownIn: ['subscriptions.test.ts', 'fragments'],
  },
  'MapSourceToResponseEvent.errors': {
    says: 'An error of one event is in its result and does not end the stream.',
    shownIn: ['subscriptions.test.ts', 'required'],
  },
  'MapSourceToResponseEvent.completes': {
    says: 'The stream completes when its source does, and ends with the error of its source.',
    shownIn: ['subscriptions.test.ts', 'after an error of the source there is nothing more'],
  },
  Unsubscribe: {
    says: 'A stream that was cancelled has no more events; its source is cancelled.',
    shownIn: ['subscriptions.test.ts', 'closed by its consumer, the source is closed once'],
  },
  // 6.3 Executing Selection Sets
  'ExecuteSelectionSet.order': { says: 'The result has its keys in the order in which they appear first.' },
  'ExecuteSelectionSet.undefined': { says: 'A field that the type does not define has no entry.' },
  'ExecuteSelectionSet.alias': { says: 'The response key is the alias; the field is that of the name.' },
  'ExecuteSelectionSet.propagates': { says: 'An error at a non-null field makes the selection set null.' },
  'ExecuteSelectionSet.further': { says: 'Where that may not be null, the error goes further, up to `data`.' },
  'CollectFields.skip': { says: 'What `@skip` has as true, literally or by a variable, is left out.' },
  'CollectFields.include': { says: 'What `@include` has as false, literally or by a variable, is left out.' },
  'CollectFields.both': { says: 'With both, a selection stays only where neither leaves it out.' },
  'CollectFields.group': { says: 'Fields with one response key are one entry, also from fragments.' },
  'CollectFields.visited': { says: 'A fragment that is spread more than once counts where it is met first.' },
  'CollectFields.missing': { says: 'A spread of a fragment that is not there selects nothing.' },
  'CollectFields.inline': { says: 'An inline fragment without a type applies always.' },
  'DoesFragmentTypeApply.object': { says: 'A fragment on an object type applies to that type only.' },
  'DoesFragmentTypeApply.interface': { says: 'A fragment on an interface applies to the types that implement it.' },
  'DoesFragmentTypeApply.union': { says: 'A fragment on a union applies to its members.' },
  // 6.4 Executing Fields
  'CoerceArgumentValues.default': { says: 'An argument that is not given has its default, null included.' },
  'CoerceArgumentValues.absent': { says: 'One that is not given and has no default has no entry.' },
  'CoerceArgumentValues.absentVariable': { says: 'A variable without a value is as if the argument was not given.' },
  'CoerceArgumentValues.null': { says: 'An argument that is null is null, whatever its default.' },
  'CoerceArgumentValues.required': { says: 'A non-null argument that is missing or null is an error of the field.' },
  'CoerceArgumentValues.variable': { says: 'The value of a variable is taken as it was coerced.' },
  'CoerceArgumentValues.literal': { says: 'A literal is coerced by the rules of the argument type.' },
  'CoerceArgumentValues.inner': {
    says: 'Input objects have the defaults of their fields; variables may stand inside.',
  },
  'CoerceArgumentValues.list': { says: 'One value stands for a list of one.' },
  'ResolveFieldValue.called': { says: 'The resolver is given the object, the arguments, and may be asynchronous.' },
  'CompleteValue.nonNull': { says: 'A null at a non-null type is an error of the field.' },
  'CompleteValue.null': { says: 'Null, and undefined, complete as null.' },
  'CompleteValue.list': { says: 'Each item of a list is completed.' },
  'CompleteValue.noList': { says: 'What is no collection, at a list type, is an error of the field.' },
  'CompleteValue.listItems': { says: 'An item that fails is null, or fails the list where items may not be null.' },
  'CompleteValue.leaf': { says: 'Scalars and enums are coerced as results.' },
  'CoerceResult.refused': {
    says: 'A value that cannot be coerced, or is coerced to nothing, is an error of the field.',
  },
  'CompleteValue.object': { says: 'Objects are completed with the selection sets of all fields of the key, merged.' },
  'ResolveAbstractType.resolved': { says: 'Interfaces and unions are completed as the object type of their value.' },
  'ResolveAbstractType.refused': { says: 'A value of no possible type is an error of the field.' },
  'HandlingErrors.null': { says: 'A field that raises an error is null, and `errors` has it.' },
  'HandlingErrors.once': { says: 'Where one null has several errors below it, at least one is told.' },
  'HandlingErrors.siblings': { says: 'Siblings of what failed go on.' },
  'HandlingErrors.lists': { says: 'Errors go up through lists whose items may not be null.' },
  // 7 Response
  'Response.data': { says: 'The result of an execution has `data`, also where that is null.' },
  'Response.noErrors': { says: '`errors` is there only where there are errors.' },
  'Response.requestError': { says: 'A request that failed before execution has `errors` and no `data`.' },
  'Response.message': { says: 'Each error has a message.' },
  'Response.locations': { says: 'Each error of a field has the locations of its nodes, from 1 on.' },
  'Response.path': { says: 'The path has aliases and indexes from 0 on, also where what it leads to is not there.' },
  'Response.extensions': { says: 'The extensions of an error are told.' },
  'Response.onlyThese': { says: 'An error has no other entries.' },
  'Response.serialization': { says: 'Maps keep their order in JSON.' },
  'Incremental.initial': {
    says: 'The first result has `data` and `hasNext: true`, and says what is pending.',
    shownIn: ['incrementalLife.test.ts', 'a deferred fragment in 100 rows is one load'],
  },
  'Incremental.updates': {
    says: 'Later results have no `data`; the last of them has `hasNext: false`.',
    shownIn: ['incremental.test.ts', 'a spread with a label'],
  },
  'Incremental.pending': {
    says: 'Each id is pending once, at a path that is there, before it is used, and is completed once.',
    shownIn: ['incremental.test.ts', 'streams in streams'],
  },
  'Incremental.failed': {
    says: 'What cannot be delivered is completed with its errors.',
    shownIn: ['incremental.test.ts', 'a failure of what is shared'],
  },
};
