/** How far the work is that a response, or a part of one, waits for. */
export interface Progress {
  /** Whether some of it is not done. */
  readonly isRunning: boolean;
  /**
   * Null when all of it is done, else a promise of that, or of a null that may have made the rest superfluous (4.12.15).
   * The promise never rejects.
   */
  drive(): Promise<void> | null;
}
