import type { Built, CleanerState, LeaseRequest, LeaseStore } from '../shards/ShardStore.ts';
import type { MemoryObjects } from './MemoryObjects.ts';

interface Lease extends CleanerState {
  readonly owner: string | null;
  readonly untilUs: number;
}

/** Who cleans what, and how far they got. */
export class MemoryLeases implements LeaseStore {
  readonly #leases = new Map<string, Lease>();
  readonly #objects: MemoryObjects;
  readonly #marks = new Set<string>();

  constructor(objects: MemoryObjects) {
    this.#objects = objects;
  }

  builtOf(typeIds: readonly number[]): Built {
    return { marks: [...this.#marks], used: typeIds.filter((typeId) => this.#objects.has(typeId)) };
  }

  addBuilt(marks: readonly string[]): void {
    for (const mark of marks) this.#marks.add(mark);
  }

  acquireLease({ task, owner, nowUs, untilUs }: LeaseRequest): CleanerState | null {
    const lease = this.#leases.get(task) ?? { watermarkUs: 0, cursor: null, owner: null, untilUs: 0 };
    if (lease.owner !== null && lease.owner !== owner && lease.untilUs > nowUs) return null;
    this.#leases.set(task, { ...lease, owner, untilUs });
    return { watermarkUs: lease.watermarkUs, cursor: lease.cursor };
  }

  saveCleanerState(task: string, owner: string, { watermarkUs, cursor }: CleanerState, untilUs: number): boolean {
    const lease = this.#leases.get(task);
    if (lease?.owner !== owner) return false;
    this.#leases.set(task, { owner, watermarkUs, cursor, untilUs });
    return true;
  }

  releaseLease(task: string, owner: string): void {
    const lease = this.#leases.get(task);
    if (lease?.owner === owner) this.#leases.set(task, { ...lease, owner: null, untilUs: 0 });
  }
}
