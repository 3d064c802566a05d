import { createEngine } from '../../engine/createEngine.ts';
import type { ExplainFormat } from '../../engine/explain.ts';
import { printHtml } from '../../explain/printHtml.ts';
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

/** Prints the plan of one operation for people, and what running it shows. */
export const explainOperation: Command = {
  words: ['plans', 'explain'],
  usage:
    '--schema <module> --operations <folder> --name <operation> [--format text|mermaid|json|html] [--analyze] [--variables <json>]   prints one plan; --analyze runs it, with the "context" that the module exports',

  async run(args, print) {
    const options = readOptions(args, {
      required: ['schema', 'operations', 'name'],
      optional: ['format', 'variables'],
      flags: ['analyze'],
    });
    const { schema: path, operations: folder, name, format = 'text', variables = '{}', analyze = false } = options;
    if (!Object.hasOwn(formats, format)) {
      throw new UsageError(`There is no format "${format}". There are ${Object.keys(formats).join(', ')}.`);
    }
    const variableValues = parsedVariables(variables);
    const schema = await loadSchema(path);
    const { document, operationName } = operationOf(await readOperations(folder, schema), name);
    const asked = { document, operationName, format: formats[format] as ExplainFormat };
    const engine = createEngine({ schema });
    if (analyze) {
      const contextValue = await loadContext(path);
      print(await engine.explain({ ...asked, analyze, variableValues, contextValue }));
    } else print(engine.prepare(document, operationName, { branches: 'all' }).explain(asked.format));
    return 0;
  },
};

function operationOf(operations: readonly PersistedOperation[], name: string): PersistedOperation {
  const found = operations.find((operation) => operation.name === name);
  if (found !== undefined) return found;
  throw new UsageError(
    `There is no operation "${name}". There are ${operations.map((operation) => operation.name).join(', ')}.`,
  );
}

function parsedVariables(text: string): Record<string, unknown> {
  try {
    const values: unknown = JSON.parse(text);
    if (typeof values === 'object' && values !== null && !Array.isArray(values)) {
      return values as Record<string, unknown>;
    }
  } catch {
    // Said below.
  }
  throw new UsageError(`--variables must be a JSON object, and is ${text}.`);
}
