import { MoveError } from '../../errors.ts';

/** Why a mover that was taken for dead does nothing any more. */
export function takenOver(shard: number): MoveError {
  return new MoveError(`Another mover has taken over shard ${shard}: this one gives up.`);
}
