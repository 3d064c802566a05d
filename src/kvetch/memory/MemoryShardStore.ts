import { attempt } from '../reads/attempt.ts';
import { ComposedStore, type StoreParts } from '../shards/ComposedStore.ts';
import type { Entry, PurgeRequest, UnitStamps, UnitWrite } from '../shards/ShardStore.ts';
import { MemoryChanges } from './MemoryChanges.ts';
import { MemoryEdges } from './MemoryEdges.ts';
import { MemoryEntries } from './MemoryEntries.ts';
import { MemoryLeases } from './MemoryLeases.ts';
import { MemoryObjects } from './MemoryObjects.ts';
import { MemoryOutbox } from './MemoryOutbox.ts';

interface MemoryParts extends StoreParts {
  readonly objects: MemoryObjects;
  readonly edges: MemoryEdges;
  readonly entries: MemoryEntries;
}

/** A shard store in this process' memory. Every call answers at once. */
export class MemoryShardStore extends ComposedStore<MemoryParts> {
  readonly answersAtOnce = true;
  readonly isVolatile = true;

  readonly changes: MemoryChanges;

  constructor(name: string) {
    const outbox = new MemoryOutbox();
    const changes = new MemoryChanges();
    const edges = new MemoryEdges(outbox, changes);
    const entries = new MemoryEntries(outbox);
    const objects = new MemoryObjects(edges, entries, outbox, changes);
    super(name, { objects, edges, entries, leases: new MemoryLeases(objects), outbox });
    this.changes = changes;
  }

  writeUnits(units: readonly UnitWrite[]): ReadonlyArray<Entry<UnitStamps>> {
    return units.map((unit) => attempt(() => this.parts.objects.writeUnit(unit)));
  }

  purge({ objects, edges, entries }: PurgeRequest): number {
    return this.parts.objects.purge(objects) + this.parts.edges.purge(edges) + this.parts.entries.purge(entries);
  }

  close(): void {}
}
