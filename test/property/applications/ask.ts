import { execute as executeByResolvers } from 'graphql';
import type { Answer, ApplicationRun, Request } from './ApplicationRun.ts';
import { variablesFor } from './argumentsOf.ts';
import { codesOf, differenceOf, isForClients, type Problem, plain } from './compare.ts';
import type { Viewer } from './Oracle.ts';

type Asked = ApplicationRun['documents'][number];

/** Asks a document, now and then with others at the same time. */
export async function ask(run: ApplicationRun, asked: Asked, viewer: Viewer): Promise<void> {
  const { random } = run;
  const count = random.chance(0.3) ? 1 + random.below(4) : 0;
  const others = Array.from({ length: count }, () => askOne(run, random.pick(run.documents), random.pick(run.viewers)));
  await Promise.all([askOne(run, asked, viewer), ...others]);
}

async function askOne(run: ApplicationRun, { doc, document }: Asked, viewer: Viewer): Promise<void> {
  const { cursors, documents } = run;
  const given = variablesFor(run, doc.slots);
  const variableValues = cursors.realOf(given);
  const at = documents.findIndex((one) => one.doc === doc);
  run.note(`ask ${at} as ${viewer.name} ${JSON.stringify(variableValues)}`);
  const real = await answer(run, { document, viewer, variableValues });
  const wanted = answerOfOracle(run, { document, viewer, variableValues: given });
  run.counts.asked++;
  const [codes, expected] = [codesOf(real.errors), codesOf(wanted.errors)];
  const found = differenceOf(cursors, plain(real.data), plain(wanted.data), 'data');
  if (found === null && codes.length > 0 === expected.length > 0 && isForClients(codes)) return;
  const errors = `${listed(real.errors)} wanted ${listed(wanted.errors)}`;
  throw run.difference(`${found ?? 'errors'}: ${errors}\n${doc.text}\n${JSON.stringify(variableValues)}`);
}

/** The answer of the application, by one of three functions of the engine. */
async function answer(run: ApplicationRun, request: Request): Promise<Answer> {
  const { random } = run;
  // the order of draws is that of the seeds that have found something
  const isCold = random.chance(0.12);
  const isText = random.chance(0.3);
  const engine = run.engine(isCold);
  const args = run.requestArgs(request);
  if (random.chance(0.2)) return JSON.parse(Buffer.from(await engine.executeToBuffer(args)).toString());
  return (isText ? JSON.parse(await engine.executeToString(args)) : await engine.execute(args)) as Answer;
}

/** The answer of the oracle. Its cursors are the oracle's, too. */
export function answerOfOracle(
  { clientSchema }: ApplicationRun,
  { document, viewer, variableValues }: Request,
): Answer {
  return executeByResolvers({ schema: clientSchema, document, contextValue: viewer, variableValues }) as Answer;
}

function listed(errors: readonly Problem[] = []): string {
  return JSON.stringify(errors.map(({ message, path, extensions }) => [message, path, extensions?.code]));
}
