import { appendAll } from '../../utils/appendAll.ts';
import { itemAt } from '../../utils/itemAt.ts';
import { bareObject, ended } from '../../utils/responseObject.ts';
import { tasksOf } from './IncrementalRun.ts';
import type { DeferredTask, TaskOutcome } from './laterParts.ts';
import { failedFragment, type WrittenFragment, writeFragment } from './writeFragment.ts';

/**
 * Runs and writes the deferred root fields of a mutation, each after the one before it is written (rule R19). If one fails
 * the whole part, those after it do not run. Never rejects.
 */
export async function writeInSeries(
  task: DeferredTask,
  completeField: NonNullable<DeferredTask['inSeries']>,
): Promise<WrittenFragment> {
  const { run, object, context } = task;
  const { driver, partitioner } = run;
  const data = bareObject();
  const parts: WrittenFragment[] = [];
  const errors: Error[] = [];
  try {
    for (const field of task.fields) {
      // As for fields that are not deferred: see `Driver.openPhase`.
      driver.state.renew();
      const needs = (): Set<number> =>
        tasksOf(driver.linked, partitioner, { object, fields: [field], items: -1 }, context);
      const progress = itemAt(driver.need([needs]), 0);
      await progress.drive();
      const part = await writeFragment({ ...task, progress, complete: completeField(field) });
      if (part.outcome.kind === 'failed') {
        close(parts);
        return part;
      }
      parts.push(part);
      Object.assign(data, part.outcome.data);
      appendAll(errors, part.outcome.errors);
    }
  } catch (error) {
    close(parts);
    return failedFragment(error);
  }
  const outcome: TaskOutcome = { kind: 'data', data: ended(data, driver.linked.source.responseObjects), errors };
  const groups = parts.flatMap(({ work }) => work.groups);
  const tasks = parts.flatMap(({ work }) => work.tasks);
  return { outcome, work: { groups, tasks, streams: parts.flatMap(({ work }) => work.streams) } };
}

/** The parts inside a failed part are not delivered. */
function close(parts: readonly WrittenFragment[]): void {
  for (const { work } of parts) for (const { reader } of work.streams) reader.close();
}
