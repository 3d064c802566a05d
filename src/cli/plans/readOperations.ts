import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type DocumentNode, type GraphQLSchema, Kind, parse, print, validate } from 'graphql';
import { errorOf } from '../../errors/errorOf.ts';

/** An operation of a persisted document. */
export interface PersistedOperation {
  /** The file without `.graphql`, and the operation's name where the file has several. Names its plan's file. */
  readonly name: string;
  readonly document: DocumentNode;
  readonly operationName: string | null;
  /** Its document as clients print it, Apollo's for one. */
  readonly text: string;
}

/** The operations of all `.graphql` files of a folder and those in it, by name. Throws where one is not valid. */
export async function readOperations(folder: string, schema: GraphQLSchema): Promise<readonly PersistedOperation[]> {
  const files = (await readdir(folder, { recursive: true })).filter((file) => file.endsWith('.graphql')).sort();
  const operations = await Promise.all(
    files.map(async (file) => {
      const document = parsed(file, await readFile(join(folder, file), 'utf8'), schema);
      return operationsOf(file.slice(0, -'.graphql'.length).replaceAll('\\', '/'), document);
    }),
  );
  return operations.flat();
}

function parsed(file: string, text: string, schema: GraphQLSchema): DocumentNode {
  try {
    const document = parse(text);
    const errors = validate(schema, document);
    if (errors.length === 0) return document;
    throw new Error(errors.map(({ message }) => message).join('\n  '));
  } catch (error) {
    throw new Error(`${file}: ${errorOf(error).message}`);
  }
}

function operationsOf(name: string, document: DocumentNode): PersistedOperation[] {
  const text = print(document);
  const operations = document.definitions.filter((definition) => definition.kind === Kind.OPERATION_DEFINITION);
  return operations.map((operation) => {
    const operationName = operation.name?.value ?? null;
    const own = operations.length === 1 ? name : `${name}.${operationName}`;
    return { name: own, document, operationName, text };
  });
}
