/** Who asks: privacy rules decide by it. For a demonstration, clients say themselves who they are. */
export interface Viewer {
  /** The id of a User; null for strangers. */
  readonly id: string | null;
}

export function viewerOf(headers: Headers): Viewer {
  return { id: headers.get('x-viewer') };
}
