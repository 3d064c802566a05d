import { MoveError } from '../../errors.ts';

/** The error of a mover that another process has replaced. */
export function takenOver(shard: number): MoveError {
  return new MoveError(`Another mover has taken over shard ${shard}: this one gives up.`);
}
