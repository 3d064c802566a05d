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
    'An edge of the viewer is asked for, and the viewer has an id that is none of an object. Give PentContext { viewerId } that of its object.',
  );
}
