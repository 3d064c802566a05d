import { ComposedStore, type StoreParts } from '../shards/ComposedStore.ts';
import type { PurgeRequest } from '../shards/ShardStore.ts';
import { MemoryEdges } from './MemoryEdges.ts';
import { MemoryEntries } from './MemoryEntries.ts';
import { MemoryLeases } from './MemoryLeases.ts';
import { MemoryObjects } from './MemoryObjects.ts';

interface MemoryParts extends StoreParts {
  readonly objects: MemoryObjects;
  readonly edges: MemoryEdges;
  readonly entries: MemoryEntries;
}

/** A shard store in this process' memory. Every call answers at once. */
export class MemoryShardStore extends ComposedStore<MemoryParts> {
  constructor(name: string) {
    const edges = new MemoryEdges();
    const objects = new MemoryObjects(edges);
    super(name, { objects, edges, entries: new MemoryEntries(), leases: new MemoryLeases() });
  }

  purge({ objects, edges, entries }: PurgeRequest): number {
    return this.parts.objects.purge(objects) + this.parts.edges.purge(edges) + this.parts.entries.purge(entries);
  }

  close(): void {}
}
