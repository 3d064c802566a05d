import { readFileSync, statSync } from 'node:fs';
import { anything, atLeast, checkOptions } from '../errors/checkOptions.ts';
import { errorOf } from '../errors/errorOf.ts';
import { PlanqlError } from '../errors/PlanqlError.ts';
import type { DocumentStore } from '../plan/DocumentStore.ts';
import { emitWarning } from '../utils/emitWarning.ts';
import { isRecord } from '../utils/isRecord.ts';

/** The options of `fileDocumentStore`. */
export interface FileDocumentStoreOptions {
  /** A JSON file of texts by id, as `planql plans export`, Relay's compiler and GraphQL Code Generator write it; or Apollo's manifest. */
  readonly file: string;
  /** How often the file is looked at for changes, in milliseconds. Default 1,000; Infinity: never. */
  readonly checkMs?: number;
  /** Told when a changed file cannot be read: the documents stay as they were. Default: a warning of the process. */
  readonly onError?: (error: Error) => void;
}

/**
 * The documents of a file. A changed file is read when documents are asked for next: no restart is needed.
 *
 * @throws PlanqlError `DOCUMENTS_FILE` where the file cannot be read at first.
 */
export function fileDocumentStore(options: FileDocumentStoreOptions): DocumentStore {
  checkOptions('fileDocumentStore', options, { file: anything, checkMs: atLeast(0), onError: anything });
  const { file, checkMs = 1_000, onError = emitWarning } = options;
  let version = versionOf(file);
  let documents = readDocuments(file);
  let looked = performance.now();
  const look = (): void => {
    looked = performance.now();
    try {
      const current = versionOf(file);
      if (current === version) return;
      documents = readDocuments(file);
      version = current;
    } catch (error) {
      onError(errorOf(error));
    }
  };
  return {
    get documents() {
      if (performance.now() - looked >= checkMs) look();
      return documents;
    },
  };
}

function versionOf(file: string): string {
  try {
    const { mtimeMs, size, ino } = statSync(file);
    return `${mtimeMs} ${size} ${ino}`;
  } catch (cause) {
    throw unreadable(file, errorOf(cause).message, cause);
  }
}

function readDocuments(file: string): ReadonlyMap<string, string> {
  let given: unknown;
  try {
    given = JSON.parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    throw unreadable(file, errorOf(cause).message, cause);
  }
  const entries = isRecord(given) ? entriesOf(given) : null;
  const documents = new Map<string, string>();
  for (const [id, text] of entries ?? [[null, null]]) {
    if (typeof id !== 'string' || typeof text !== 'string') {
      throw unreadable(file, 'it must hold an object of texts by id, or a manifest of Apollo');
    }
    documents.set(id, text);
  }
  return documents;
}

/** Apollo's manifest is a list of operations. */
function entriesOf(given: Readonly<Record<string, unknown>>): (readonly [unknown, unknown])[] {
  const { format, operations } = given;
  if (format !== 'apollo-persisted-query-manifest' || !Array.isArray(operations)) return Object.entries(given);
  return operations.map((operation: unknown) => (isRecord(operation) ? [operation.id, operation.body] : [null, null]));
}

function unreadable(file: string, why: string, cause?: unknown): PlanqlError<'DOCUMENTS_FILE'> {
  return new PlanqlError('DOCUMENTS_FILE', `The documents in ${file} cannot be read: ${why}.`, { cause });
}
