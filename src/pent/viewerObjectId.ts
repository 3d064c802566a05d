import { parseId } from '../kvetch/ids/parseId.ts';
import type { ViewerId } from './contract.ts';
import { PentError } from './errors.ts';

/** The id of the viewer's object; null for viewers who are not signed in. */
export function viewerObjectId(viewerId: ViewerId): string | null {
  if (viewerId === null) return null;
  const id = parseId(viewerId);
  if (id !== null) return id;
  throw new PentError(
    'BAD_VIEWER_ID',
    'The id of the viewer is no id of an object, and an edge of the viewer was read. Give PentContext { viewerId } the id of the object that stands for the viewer.',
  );
}
