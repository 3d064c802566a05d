import type { ByteState } from '../output/ByteState.ts';
import { byteWriter } from '../output/byteWriter.ts';
import type { ResponseForm } from '../output/completeRun.ts';
import type { OutputState } from '../output/OutputState.ts';
import type { OutputWriter } from '../output/OutputWriter.ts';
import { objectWriter } from '../output/objectWriter.ts';
import { byteFormOf, type ObjectResponse, objectFormOf, pieceFormOf } from '../output/responseForms.ts';
import { compileWhenHot, type Generator } from './compileObject.ts';
import { fuseWhenHot } from './fuseWhenHot.ts';
import { generateBuilder } from './generateBuilder.ts';
import { generateWriter } from './generateWriter.ts';

/** A writer that uses generated code for objects once they are hot. */
function compiled<TState extends OutputState>(
  writer: OutputWriter<TState>,
  generator: Generator,
): OutputWriter<TState> {
  return {
    ...writer,
    object: (fields, node, linked) =>
      compileWhenHot(linked, node, fields, writer.object(fields, node, linked), generator),
  };
}

/** Responses as objects. */
export const objectForm: ResponseForm<OutputState, ObjectResponse> = objectFormOf(
  compiled(objectWriter, generateBuilder),
);

const compiledBytes: OutputWriter<ByteState> = { ...compiled(byteWriter, generateWriter), root: fuseWhenHot };

/** Responses as UTF-8 JSON. */
export const byteForm: ResponseForm<ByteState, Uint8Array> = byteFormOf(compiledBytes);

/** The same as consecutive pieces. */
export const pieceForm: ResponseForm<ByteState, readonly Uint8Array[]> = pieceFormOf(compiledBytes);
