import {
  type DefinitionNode,
  type DocumentNode,
  GraphQLError,
  isTypeSystemDefinitionNode,
  isTypeSystemExtensionNode,
  Kind,
  parse,
  Source,
} from 'graphql';
import { remedyFor } from '../check/remedies.ts';
import type { Problems } from './Problems.ts';

/** A schema file. */
export interface SchemaSource {
  /** As messages name it. */
  readonly name: string;
  readonly text: string;
}

/** Parses schema files into one document. Files with a syntax error are left out, and the error is a problem. */
export function parseSources(sources: readonly SchemaSource[], problems: Problems): DocumentNode {
  const definitions: DefinitionNode[] = [];
  for (const { name, text } of sources) {
    if (text.trim() === '') continue;
    try {
      for (const node of parse(new Source(text, name)).definitions) {
        if (isTypeSystemDefinitionNode(node) || isTypeSystemExtensionNode(node)) definitions.push(node);
        else problems.at(node, 'Here is an operation or a fragment, and schema/ holds types only. Take it out.');
      }
    } catch (error) {
      if (error instanceof RangeError) {
        problems.inFile(name, 'Something in this file is nested too deeply to be read.');
        continue;
      }
      // A file of comments only is an empty file.
      if (!(error instanceof GraphQLError)) throw error;
      if (!isWithoutDefinitions(text)) problems.error(error, remedyFor(error));
    }
  }
  return { kind: Kind.DOCUMENT, definitions };
}

function isWithoutDefinitions(text: string): boolean {
  return text.split(/\r\n|[\r\n]/).every((line) => /^[\s,\uFEFF]*(#.*)?$/.test(line));
}
