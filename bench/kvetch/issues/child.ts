import { fullSize } from '../../../examples/issue-tracker/store.ts';
import { type IssueTask, measureIssues } from './measureIssues.ts';
import { openPlace } from './openPlace.ts';

const task = JSON.parse(process.argv[2] as string) as IssueTask;
const place = await openPlace(task.place, task.places, fullSize);
const outcome = await measureIssues(place, task);
await place.close();
process.stdout.write(`${JSON.stringify(outcome)}\n`, () => process.exit(0));
