import type { Built, CleanerState, Lease, LeaseRequest, LeaseStore, LeaseTerm } from '../shards/ShardStore.ts';
import type { MemoryObjects } from './MemoryObjects.ts';
import { inMicroseconds } from './MemoryOutbox.ts';

interface KeptLease extends CleanerState {
  readonly owner: string | null;
  readonly untilUs: number;
}

/** Leases in memory. */
export class MemoryLeases implements LeaseStore {
  readonly #leases = new Map<string, KeptLease>();
  readonly #objects: MemoryObjects;
  readonly #marks = new Map<string, string>();

  constructor(objects: MemoryObjects) {
    this.#objects = objects;
  }

  builtOf(typeIds: readonly number[]): Built {
    return { marks: new Map(this.#marks), used: typeIds.filter((typeId) => this.#objects.has(typeId)) };
  }

  addBuilt(marks: ReadonlyMap<string, string>): void {
    for (const [mark, name] of marks) {
      for (const [other, its] of this.#marks) if (its === name) this.#marks.delete(other);
      this.#marks.set(mark, name);
    }
  }

  acquireLease({ task, owner, nowUs: givenUs, leaseUs }: LeaseRequest): Lease | null {
    const nowUs = givenUs ?? inMicroseconds(0);
    const lease = this.#leases.get(task) ?? { watermarkUs: 0, cursor: null, owner: null, untilUs: 0 };
    if (lease.owner !== null && lease.owner !== owner && lease.untilUs > nowUs) return null;
    this.#leases.set(task, { ...lease, owner, untilUs: nowUs + leaseUs });
    return { watermarkUs: lease.watermarkUs, cursor: lease.cursor, nowUs };
  }

  saveCleanerState(task: string, owner: string, state: CleanerState, { nowUs, leaseUs }: LeaseTerm): boolean {
    const lease = this.#leases.get(task);
    if (lease?.owner !== owner) return false;
    this.#leases.set(task, { owner, ...state, untilUs: (nowUs ?? inMicroseconds(0)) + leaseUs });
    return true;
  }

  releaseLease(task: string, owner: string): void {
    const lease = this.#leases.get(task);
    if (lease?.owner === owner) this.#leases.set(task, { ...lease, owner: null, untilUs: 0 });
  }
}
