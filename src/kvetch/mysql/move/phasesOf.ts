import { MoveError } from '../../errors.ts';
import type { ShardSpan } from '../../shards/ShardStore.ts';
import type { Holdings } from '../Fence.ts';
import { ARRIVING, CLOSED, isReadable, stateNames } from '../shardStates.ts';

/** Neighbours that a move treats alike: to be copied; copied and closed, to be opened; moved. */
export interface Phase {
  readonly phase: 'copy' | 'open' | 'done';
  /** Their state at the source. */
  readonly state: number;
  readonly span: ShardSpan;
}

/** What is to be done with each shard, as the two servers say. */
export function phasesOf(source: Holdings, target: Holdings, [from, to]: ShardSpan, chunk: number): readonly Phase[] {
  const phases: Phase[] = [];
  for (let shard = from; shard <= to; shard++) {
    const here = source.states[shard] ?? CLOSED;
    const there = target.states[shard] ?? CLOSED;
    const phase = phaseOf(here, there);
    if (phase === null) {
      throw new MoveError(
        `Shard ${shard} is ${stateNames[here]} at the source and ${stateNames[there]} at the target: neither holds it.`,
      );
    }
    const last = phases.at(-1);
    const isAlike = last?.phase === phase && last.state === here && last.span[1] - last.span[0] + 1 < chunk;
    if (last !== undefined && isAlike) phases[phases.length - 1] = { ...last, span: [last.span[0], shard] };
    else phases.push({ phase, state: here, span: [shard, shard] });
  }
  return phases;
}

function phaseOf(here: number, there: number): Phase['phase'] | null {
  if (isReadable(there)) return 'done';
  if (isReadable(here)) return 'copy';
  return here === CLOSED && there === ARRIVING ? 'open' : null;
}
