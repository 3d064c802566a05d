/** The work of the cache since it was made or `reset`. */
export class RedisCacheStats {
  /** Requests to Redis that a caller waited for, one after the other; a request may go to many nodes at once. */
  rounds = 0;
  hits = 0;
  misses = 0;
  /** Entries that were written after a miss. */
  fills = 0;
  /** Fills that Redis refused, as somebody had written meanwhile. */
  refusedFills = 0;
  /** Reads that found somebody else filling the entry, and waited. */
  waits = 0;
  /** Hits that did not show writes known to their reader, and were thrown away. */
  stale = 0;
  /** Calls to the stores for entries that Redis did not have. */
  loads = 0;
  /** Reads that did not ask Redis: its breaker is open, or the entry may be old. */
  bypasses = 0;
  /** Entries that writes removed. */
  applies = 0;
  /** Entries that writes could not remove; they are removed as soon as Redis answers again. */
  failedApplies = 0;
  /** Requests that failed as a whole: no connection, or no answer in time. */
  errors = 0;
  /** Epochs that ended: Redis was restarted, restored or promoted, and nothing it held is read any more. */
  epochs = 0;
  /** Entries that a cleaner found to be older than their rows. */
  auditFixes = 0;

  countFills(replies: readonly unknown[]): void {
    for (const reply of replies) {
      if (reply === 1) this.fills++;
      else if (reply === 0) this.refusedFills++;
    }
  }

  reset(): void {
    this.rounds = this.hits = this.misses = this.fills = this.refusedFills = this.waits = this.bypasses = 0;
    this.stale = this.loads = this.applies = this.failedApplies = this.errors = this.epochs = this.auditFixes = 0;
  }
}
