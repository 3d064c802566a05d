/** What TypeScript says of the usual mistakes: short enough to be read, and with the names of the user. */
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { itemAt } from '../../src/utils/itemAt.ts';
import { repositoryRoot } from '../support/repository.ts';

const test = suite('messages of TypeScript');

const preamble = `
import { constant, get, loader, loadMany, loadOne, makeSchema } from 'planql';
import { createKvetch, defineKvetchSchema, kvetchSteps, memoryShards } from 'planql/kvetch';
const userById = loader<{ id: string; name: string }, string>({ name: 'b', load: (ids) => ids.map(() => null) });
const friendsOf = loader<string[], string, { first: number }>({ name: 'a', load: (ids) => ids.map(() => null) });
const schema = defineKvetchSchema({
  objects: [{ typeId: 1, name: 'User', fields: { name: { kind: 'string', required: true } } }],
  edges: [],
});
const kvetch = createKvetch({ schema, shards: memoryShards(1) });
const user = await kvetch.getObject(await kvetch.createObject('User', { name: 'Ada' }));
const { browseObjects } = kvetchSteps(schema);
`;

const mistakes: ReadonlyArray<readonly [line: string, message: string]> = [
  [
    "get(loadOne(constant('1'), userById), 'nmae');",
    `Argument of type '"nmae"' is not assignable to parameter of type '"name" | "id"'.`,
  ],
  ["loadMany(constant('1'), friendsOf);", `Expected 3-4 arguments, but got 2.`],
  [
    "loadMany(constant('1'), friendsOf, { fist: 1 });",
    `Object literal may only specify known properties, and 'fist' does not exist in type 'Globals<{ first: number; }>'.`,
  ],
  [
    "loadMany(constant('1'), friendsOf, { first: 'three' });",
    `Type 'string' is not assignable to type 'number | Step<number, AnyValues>'.`,
  ],
  [
    'loadOne(constant(1), userById);',
    `Argument of type 'Loader<{ id: string; name: string; }, string, any>' is not assignable to parameter of type 'LoaderLike<{ id: string; name: string; }, number, any>'.
  Type 'Loader<{ id: string; name: string; }, string, any>' is not assignable to type 'Loader<{ id: string; name: string; }, number, any>' with 'exactOptionalPropertyTypes: true'. Consider adding 'undefined' to the types of the target's properties.
    Type 'number' is not assignable to type 'string'.`,
  ],
  [
    'user?.nmae;',
    `Property 'nmae' does not exist on type 'Flat<{ readonly id: KvetchId<"User">; readonly typeId: 1; readonly version: number; readonly createdAt: number; readonly updatedAt: number; } & Flat<{ readonly name: string; } & {}>>'.`,
  ],
  [
    "kvetch.createObject('User', { nmae: 'Ada' });",
    `No overload matches this call.
  Overload 1 of 2, '(type: "User", data: Flat<{ readonly name: string; } & {}>, options?: CreateOptions | undefined): Promise<KvetchId<"User">>', gave the following error.
    Object literal may only specify known properties, and 'nmae' does not exist in type 'Flat<{ readonly name: string; } & {}>'.
  Overload 2 of 2, '(type: number | ObjectType, data: Readonly<Record<string, unknown>>, options?: CreateOptions | undefined): Promise<string>', gave the following error.
    Argument of type 'string' is not assignable to parameter of type 'number | ObjectType'.`,
  ],
  ["browseObjects('Usr');", `Argument of type '"Usr"' is not assignable to parameter of type '"User"'.`],
];

const file = join(repositoryRoot, '.tmp', `messages-${process.pid}.mts`);
writeFileSync(file, preamble + mistakes.map(([line]) => line).join('\n'));
const config = ts.getParsedCommandLineOfConfigFile(
  join(repositoryRoot, 'tsconfig.json'),
  {},
  {
    ...ts.sys,
    onUnRecoverableConfigFileDiagnostic: () => undefined,
  },
);
const program = ts.createProgram([file], {
  ...config?.options,
  noEmit: true,
  isolatedDeclarations: false,
  declaration: false,
});
const diagnostics = program.getSemanticDiagnostics(program.getSourceFile(file));
rmSync(file);
const firstLine = preamble.split('\n').length - 1;

for (const [index, [line, message]] of mistakes.entries()) {
  test(line, () => {
    const own = diagnostics.filter(
      ({ file: source, start = 0 }) => source?.getLineAndCharacterOfPosition(start).line === firstLine + index,
    );
    assert.is(own.length, 1);
    assert.is(ts.flattenDiagnosticMessageText(itemAt(own, 0).messageText, '\n'), message);
  });
}

test.run();
