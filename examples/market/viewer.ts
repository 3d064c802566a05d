/** Who asks: privacy rules decide by it. For a demonstration, clients say themselves who they are. */
export interface Viewer {
  /** The id of an Account; null for strangers. */
  readonly id: string | null;
  /** The id of its User. */
  readonly user: string | null;
}

export const stranger: Viewer = { id: null, user: null };

/** `x-viewer`: the ids of the account and of the user. */
export function viewerOf(headers: Headers): Viewer {
  const [id, user] = (headers.get('x-viewer') ?? '').split(' ');
  return id && user ? { id, user } : stranger;
}
