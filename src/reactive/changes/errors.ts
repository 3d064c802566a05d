import { PlanqlError } from '../../errors/PlanqlError.ts';

/** Why a follower told that everything may have changed, or cannot run. */
export type FollowErrorCode = 'FOLLOW_GAP' | 'FOLLOW_MESSAGE' | 'FOLLOW_OPTIONS' | 'FOLLOW_PACKAGE' | 'FOLLOW_SERVER';

/** What `onError` of a follower is told, and what its promise is rejected with. `cause` is the error behind it. */
export class FollowError extends PlanqlError<FollowErrorCode> {}

/** Changes were missed: all clients fetch again. */
export function gapError(reason: string, cause?: unknown): FollowError {
  return new FollowError('FOLLOW_GAP', `Changes were missed, so all clients fetch again: ${reason}`, { cause });
}

/** A package is missing that planql does not install. */
export function packageError(follower: string, name: string, cause: unknown): FollowError {
  const message = `followChanges.${follower} needs the package ${name}: run "npm install ${name}".`;
  return new FollowError('FOLLOW_PACKAGE', message, { cause });
}

/** The server is away, or too slow: it is tried again. */
export function lateError(message: string): Error {
  return Object.assign(new Error(message), { code: 'ETIMEDOUT' });
}
