import { type ExecuteExtra, type MaxRows, registerSteps, Step } from 'planql';

type Values = readonly [userIds: readonly string[], first: number];

/** Represents the friends of a user. Yields, for each user id, the ids of that user's first friends. */
export class FriendIdsStep extends Step<readonly string[], Values> {
  static override readonly op = 'app.friendIds'; // its name in exported plans, traces and explain

  constructor($userId: Step<string>, $first: Step<number>) {
    super();
    this.addDependency($userId); // values[0] is a list: one id for each row
    this.addGlobalDependency($first); // values[1] is the bare value: it is the same for the whole request
  }

  /** A list has at most `first` ids: the cost of an operation has a bound. */
  override maxRows(): MaxRows {
    return { kind: 'value', $step: this.dependency(1), path: [] };
  }

  /** All rows at once: exactly `count` entries. */
  override execute(_count: number, [userIds, first]: Values, { context }: ExecuteExtra): readonly string[][] {
    return context.db.friendIds(userIds, first);
  }
}

registerSteps(FriendIdsStep); // so that plans which were exported elsewhere find it

export function friendIds($userId: Step<string>, $first: Step<number>): FriendIdsStep {
  return new FriendIdsStep($userId, $first);
}
