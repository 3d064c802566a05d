import type { GraphQLError } from 'graphql';
import { createEngine } from '../../engine/createEngine.ts';
import type { ExplainFormat } from '../../engine/explain.ts';
import { printHtml } from '../../explain/printHtml.ts';
import { appendAll } from '../../utils/appendAll.ts';
import { isRecord } from '../../utils/isRecord.ts';
import { type Command, UsageError } from '../Command.ts';
import { readOptions } from '../readOptions.ts';
import { loadContext, loadSchema } from './loadSchema.ts';
import { type PersistedOperation, readOperations } from './readOperations.ts';

const formats: Readonly<Record<string, ExplainFormat>> = {
  text: 'text',
  mermaid: 'mermaid',
  json: 'json',
  html: printHtml,
};

/** Prints the plan of one operation for people, and the measurements of a run. */
export const explainOperation: Command = {
  words: ['plans', 'explain'],
  usage:
    '--schema <module> --operations <folder> --name <operation> [--format text|mermaid|json|html] [--analyze] [--variables <json>]   prints one plan; --name is the name of the operation, or of its file as "plans export" prints it; --analyze runs it, with the "context" that the module exports, and fails when the answer has errors',

  async run(args, print) {
    const options = readOptions(args, {
      required: ['schema', 'operations', 'name'],
      optional: ['format', 'variables'],
      flags: ['analyze'],
    });
    const { schema: path, operations: folder, name, format = 'text', variables = '{}', analyze = false } = options;
    const chosen = Object.hasOwn(formats, format) ? formats[format] : undefined;
    if (chosen === undefined) {
      throw new UsageError(`There is no format "${format}". There are ${Object.keys(formats).join(', ')}.`);
    }
    const variableValues = parsedVariables(variables);
    const schema = await loadSchema(path);
    const { document, operationName } = operationOf(await readOperations(folder, schema), name);
    const asked = { document, operationName, format: chosen };
    const engine = createEngine({ schema });
    if (analyze) {
      const contextValue = await loadContext(path);
      const errors: GraphQLError[] = [];
      const onErrors = (all: readonly GraphQLError[]): void => void appendAll(errors, all);
      print(await engine.explain({ ...asked, analyze, variableValues, contextValue, onErrors }));
      for (const { message, path } of errors) print(`Error at ${path?.join('.') ?? 'the operation'}: ${message}`);
      return errors.length === 0 ? 0 : 1;
    }
    print(engine.prepare(document, operationName, { branches: 'all' }).explain(asked.format));
    return 0;
  },
};

/** By the name of its plan's file, or by its own where that is one operation's only. */
function operationOf(operations: readonly PersistedOperation[], name: string): PersistedOperation {
  const found = operations.find((operation) => operation.name === name);
  if (found !== undefined) return found;
  const named = operations.filter(({ operationName }) => operationName === name);
  const [only, ...others] = named;
  if (only !== undefined && others.length === 0) return only;
  const list = (some: readonly PersistedOperation[]): string => some.map((operation) => operation.name).join(', ');
  throw new UsageError(
    only === undefined
      ? `There is no operation "${name}". There are ${list(operations)}.`
      : `Several operations are called "${name}": ${list(named)}. Give one of these names.`,
  );
}

function parsedVariables(text: string): Record<string, unknown> {
  try {
    const values: unknown = JSON.parse(text);
    if (isRecord(values)) return values;
  } catch {
    // Said below.
  }
  throw new UsageError(`--variables must be a JSON object, and is ${text}.`);
}
