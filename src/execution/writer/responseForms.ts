import type { GraphQLError } from 'graphql';
import { bareObject, ended } from '../../utils/responseObject.ts';
import { encodeUtf8, joinBytes } from '../../utils/utf8.ts';
import { ByteSink, DATA, giveBack, takeBytes } from './ByteSink.ts';
import type { ResponseForm } from './completeRun.ts';
import { hotBytes, hotObjects } from './generated/hotWriters.ts';
import { jsonPieces } from './jsonPieces.ts';
import { BUBBLE, ResponseState } from './ResponseState.ts';

/** A response as an object. As in graphql-js, `errors` comes first and exists only if there are some. */
export interface ObjectResponse {
  errors?: readonly GraphQLError[];
  /** Absent if the request could not start. */
  data?: Record<string, unknown> | null;
  extensions?: Record<string, unknown>;
}

/** Responses as objects. */
export const objectForm: ResponseForm<ObjectResponse> = {
  root: hotObjects,
  begin: (driver) => new ResponseState(driver),
  extend: (response, extensions) => ({ ...response, extensions: { ...extensions } }),
  whole: (state, data) => objectResponse(data === BUBBLE ? null : data, state.errors),
  series({ source }) {
    const data = bareObject();
    return {
      add(key, _state, value) {
        data[key] = value;
      },
      end: (isNull, errors) => objectResponse(isNull ? null : ended(data, source.responseObjects), errors),
    };
  },
};

function objectResponse(data: unknown, errors: readonly GraphQLError[]): ObjectResponse {
  const given = data as Record<string, unknown> | null;
  return errors.length === 0 ? { data: given } : { errors, data: given };
}

/** Responses as UTF-8 JSON, in consecutive pieces that are not copied. */
export const pieceForm: ResponseForm<readonly Uint8Array[]> = {
  root: hotBytes,
  begin: (driver) => new ResponseState(driver, true),
  extend(pieces, extensions) {
    // The brace that ends the response is the last byte.
    const opened = pieces.map((piece, at) => (at === pieces.length - 1 ? piece.subarray(0, piece.length - 1) : piece));
    return [...opened, encodeUtf8(`,"extensions":${JSON.stringify(extensions)}}`)];
  },
  whole(state, data) {
    if (!(data instanceof ByteSink)) return piecesOf(objectForm.whole(state, data));
    if (state.errors.length > 0) return piecesWithErrors(state.errors, [data.view(DATA.length)]);
    data.byte(CLOSE);
    return [data.view(0)];
  },
  series(linked) {
    const collector = objectForm.series(linked);
    return { ...collector, end: (isNull, errors) => piecesOf(collector.end(isNull, errors)) };
  },
};

/** Responses as UTF-8 JSON. */
export const byteForm: ResponseForm<Uint8Array> = {
  ...pieceForm,
  extend: (response, extensions) => joinBytes(pieceForm.extend([response], extensions)),
  whole(state, data) {
    if (data instanceof ByteSink && state.errors.length === 0) {
      data.byte(CLOSE);
      return takeBytes(state.driver.linked, data);
    }
    const response = joinBytes(pieceForm.whole(state, data));
    if (data instanceof ByteSink) giveBack(data);
    return response;
  },
  series(linked) {
    const collector = pieceForm.series(linked);
    return { ...collector, end: (isNull, errors) => joinBytes(collector.end(isNull, errors)) };
  },
};

const CLOSE = 0x7d;

/** The text of a response, whose leaves were completed for text: see `ResponseState.isText`. */
function piecesOf({ errors = [], data }: ObjectResponse): readonly Uint8Array[] {
  return errors.length === 0 ? jsonPieces({ data }) : piecesWithErrors(errors, jsonPieces(data));
}

function piecesWithErrors(errors: readonly GraphQLError[], data: readonly Uint8Array[]): readonly Uint8Array[] {
  return [encodeUtf8(`{"errors":${jsonOfErrors(errors)},"data":`), ...data, Uint8Array.of(CLOSE)];
}

/** If JSON cannot express the extensions of errors, they are left out. */
function jsonOfErrors(errors: readonly GraphQLError[]): string {
  try {
    return JSON.stringify(errors);
  } catch {
    return JSON.stringify(errors.map(({ message, locations, path }) => ({ message, locations, path })));
  }
}

/** Encodes a response object as UTF-8 JSON. */
export function encodeResponse(response: object): Uint8Array {
  return encodeUtf8(JSON.stringify(response));
}
