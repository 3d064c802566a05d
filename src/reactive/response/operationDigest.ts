import { createHash, randomBytes } from 'node:crypto';
import { type DocumentNode, print } from 'graphql';
import type { EngineArgs } from '../ReactiveEngine.ts';

const digests = new WeakMap<DocumentNode, string>();

/** A name for an operation with its variables. Equal requests have the same; where their variables are no JSON, none has. */
export function operationDigest({ document, operationName, variableValues }: EngineArgs): string {
  let digest = digests.get(document);
  if (digest === undefined) {
    digest = digestOf(print(document));
    digests.set(document, digest);
  }
  let variables: string;
  try {
    variables = JSON.stringify(variableValues ?? {});
  } catch {
    variables = randomBytes(9).toString('base64url');
  }
  return digestOf(JSON.stringify([digest, operationName ?? null, variables]));
}

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}
