import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parse } from 'graphql';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { schema as trackerSchema } from '../../examples/issue-tracker/schema.ts';
import { slowStore } from '../../examples/issue-tracker/slowStore.ts';
import { fill, smallSize, storeSchema } from '../../examples/issue-tracker/store.ts';
import { issuePages } from '../../examples/issue-tracker/views.ts';
import { createEngine } from '../../src/engine/createEngine.ts';
import { createExecutor } from '../../src/engine/createExecutor.ts';
import { type Box, layoutPlan } from '../../src/explain/layoutPlan.ts';
import { printHtml } from '../../src/explain/printHtml.ts';
import { roundsOf } from '../../src/explain/roundsOf.ts';
import { constant, fn, lambda, makeSchema } from '../../src/index.ts';
import { createKvetch, memoryShards } from '../../src/kvetch.ts';
import type { Plan } from '../../src/plan/Plan.ts';
import { itemAt } from '../../src/utils/itemAt.ts';
import { type Browser, type BrowserPage, startBrowser } from '../support/browser.ts';
import { needs } from '../support/needs.ts';
import { reported } from '../support/reported.ts';
import { readSource } from '../support/repository.ts';
import { operations, planned, request, schema } from './library.ts';

const engine = createEngine({ schema });
const nested = parse(operations.nested as string);

/** A plan of more than 500 steps: three kinds of books, four levels of books that are like them. */
function bigPlan(): Plan {
  const books = (level: number): string => {
    if (level === 0) return 'id title loud';
    const inner = books(level - 1);
    return ['Novel', 'Manual', 'Map']
      .map((type, index) => `... on ${type} { k${index}: like(first: ${level}) { ${inner} } }`)
      .join(' ');
  };
  const prepared = engine.prepare(parse(`{ books(ids: ["1", "2", "3"]) { ${books(4)} } }`));
  prepared.planAllBranches();
  return prepared.plan;
}

const html = suite('plans as HTML pages');

html('steps and layers are drawn beside each other, and in their layer', () => {
  const plan = bigPlan();
  assert.ok(plan.steps.length > 500, `${plan.steps.length} steps`);
  const layout = layoutPlan(plan);
  const { width, height } = layout;
  const layers = layout.layers.map((box) => box as Box);
  const steps = layout.steps.map((box) => box as Box);
  const isIn = (inner: Box, outer: Box): boolean =>
    inner.x >= outer.x &&
    inner.y >= outer.y &&
    inner.x + inner.width <= outer.x + outer.width &&
    inner.y + inner.height <= outer.y + outer.height;
  const areApart = (a: Box, b: Box): boolean =>
    a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + a.height <= b.y || b.y + b.height <= a.y;
  plan.layers.forEach(({ parent }, id) => {
    const box = itemAt(layers, id);
    assert.ok(isIn(box, layers[parent] ?? { x: 0, y: 0, width, height }), `layer ${id}`);
    const own = [
      ...steps.filter((_, step) => plan.steps[step]?.layer === id),
      ...layers.filter((_, child) => plan.layers[child]?.parent === id),
    ];
    own.forEach((one, index) => {
      assert.ok(isIn(one, box), `in layer ${id}`);
      for (const other of own.slice(index + 1)) assert.ok(areApart(one, other), `apart in layer ${id}`);
    });
  });
});

html('the page needs nothing from elsewhere, and says what running showed', async () => {
  const page = await engine.explain({ document: nested, ...request, analyze: true, format: printHtml });
  assert.not.match(page, /(src|href)=/);
  assert.not.match(page.replace('http://www.w3.org/2000/svg', ''), /https?:/);
  assert.match(page, /"milliseconds":/);
  assert.match(engine.prepare(nested).explain(printHtml), /"measurement":null/);
});

html('each step of a plan resolver names the line of code that made it, those of planql none', async () => {
  interface Shown {
    readonly steps: readonly {
      readonly op: string;
      readonly coordinate: string | null;
      readonly place: string | null;
    }[];
  }
  const placesOf = (page: string): string[] => {
    const [, json = ''] = /<script type="application\/json" id="page">(.*)<\/script>/.exec(page) ?? [];
    return (JSON.parse(json) as Shown).steps.map(({ op, coordinate, place }) => {
      const [, file, line] = /^(.*):(\d+):\d+$/.exec(place ?? '') ?? [];
      const code = file === undefined ? '-' : (readSource(file).split('\n')[Number(line) - 1] ?? '').trim();
      return `${op} ${coordinate}: ${file} ${code}`;
    });
  };
  const ran = placesOf(await engine.explain({ document: nested, ...request, analyze: true, format: printHtml }));
  const seen = new Set(ran);
  const at = 'test/plans/library.ts';
  assert.ok(seen.has(`each Query.books: ${at} return each($ids, ($id: Any) => loadOne($id, bookById)) as Any;`));
  assert.ok(seen.has(`loadOne Query.books: ${at} return each($ids, ($id: Any) => loadOne($id, bookById)) as Any;`));
  assert.ok(seen.has(`loadMany Novel.like: ${at} return loadMany(get($book, 'id'), likeBook, { first: $first });`));
  assert.ok(seen.has(`lambda Map.loud: ${at} return lambda(get($book, 'title'), shout);`));
  assert.ok(
    ran.some((line) => line.endsWith(': undefined -')),
    'steps for type names are made by planql',
  );
  assert.equal(placesOf(engine.prepare(nested).explain(printHtml)).sort(), ran.sort(), 'without running it, too');
});

html('lines of code are looked for when explain asks, and not when a plan is made', () => {
  const before = planned.count;
  const fresh = createEngine({ schema });
  const prepared = fresh.prepare(parse('{ book(id: "1") { loud } }'));
  prepared.explain();
  const once = planned.count - before;
  prepared.explain(printHtml);
  assert.ok(planned.count - before > once, 'the operation is planned again for them');
  const executor = createExecutor({ schema });
  const page = executor.importPlan(JSON.parse(JSON.stringify(fresh.exportPlan(prepared)))).explain(printHtml);
  assert.match(page, /"place":null/, 'without a planner nobody knows them');
  assert.not.match(page, /"place":"/);
});

const evil = '</script><img src=x onerror="window.broken=1"><!--';
const hostile = createEngine({
  schema: makeSchema({
    typeDefs: 'type Query { a(text: String): String }',
    objects: {
      Query: {
        plans: {
          a: (_$root: never, { $text }: { $text: never }) => lambda([$text, constant(evil)], fn(evil, String)) as never,
        },
      },
    },
  } as never),
});
const hostileDocument = parse(`query A { a(text: ${JSON.stringify(evil)}) } # ${evil}`);

html('what a plan holds ends no script and opens no element', () => {
  const page = hostile.prepare(hostileDocument).explain(printHtml);
  assert.is(page.split('<script').length, 3, 'the plan and the script');
  assert.is(page.split('</script').length, 3);
  assert.not.match(page, /<img|<!--/);
});

/** Tests in a real browser. */
const seen = needs(html, 'chromium');
let browser: Browser;
const folder = mkdtempSync(join(tmpdir(), 'planql-html-'));

seen.before(
  reported(async () => {
    browser = await startBrowser();
  }),
);
seen.after(async () => {
  await browser.close();
  rmSync(folder, { recursive: true });
});

async function opened(text: string): Promise<BrowserPage> {
  const file = join(folder, 'plan.html');
  writeFileSync(file, text);
  return browser.open(pathToFileURL(file).href);
}

const shown = `document.querySelector('section:not([hidden])').textContent`;

seen('steps are found, chosen and walked with the keyboard', async () => {
  const page = await opened(await engine.explain({ document: nested, ...request, analyze: true, format: printHtml }));
  assert.match(await page.evaluate(shown), /library\.likeBook(Novel|Map|Manual)\.like.* [µm]s/);
  await page.press('/');
  for (const key of 'lambda') await page.press(key);
  assert.is(await page.evaluate('document.querySelectorAll(".step").length'), engine.prepare(nested).plan.steps.length);
  assert.is(await page.evaluate('document.querySelectorAll(".step.found").length'), 3);
  await page.press('Enter');
  assert.match(await page.evaluate(shown), /^\$\d+ lambda.*library\.shout.*Calls1/s);
  await page.press('ArrowLeft');
  assert.match(await page.evaluate(shown), /^\$\d+ access\.?.*\.title.*Needed by/s);
  await page.press('Escape');
  assert.is(await page.evaluate('document.querySelectorAll(".step.self").length'), 0);
  assert.equal(page.errors, []);
});

const view = (name: string): string =>
  `[...document.querySelectorAll('header button')].find((button) => button.textContent === '${name}').click()`;

seen('the page opens on what waited for what, and folds away what computes in memory', async () => {
  const page = await opened(await engine.explain({ document: nested, ...request, analyze: true, format: printHtml }));
  const waits = await page.evaluate<string[]>('[...document.querySelectorAll(".wait")].map((row) => row.textContent)');
  assert.is(waits.length, 6, 'two rounds of loads, each shared by three types');
  for (const line of waits.slice(0, 3)) assert.match(line, /^1\$\d+ library\.likeBook.*3 keys.*shared with/);
  for (const line of waits.slice(3)) assert.match(line, /^2\$\d+ library\.likeBook.*after \$\d+ \$\d+ \$\d+/);
  const bars = await page.evaluate<number[]>(
    '[...document.querySelectorAll(".bar")].map((bar) => bar.getBoundingClientRect().left)',
  );
  assert.ok(Math.max(...bars.slice(0, 3)) < Math.min(...bars.slice(3)), 'the second round starts later');
  assert.match(await page.evaluate('document.querySelector("summary").textContent'), /^\d+ steps compute in memory$/);
  await page.evaluate(view('Plan'));
  assert.is(await page.evaluate('document.querySelector(".rounds").checkVisibility()'), false);
  assert.is(await page.evaluate('document.querySelector("svg").checkVisibility()'), true);
  assert.equal(page.errors, []);
});

html('what starts ahead waits for its keys only, and rounds are counted without running', () => {
  const { plan } = engine.prepare(nested);
  const rounds = roundsOf(plan, null);
  const loads = plan.steps.flatMap(({ op }, id) => (op.startsWith('load') ? [rounds[id]?.round] : []));
  assert.equal(loads, [1, 2, 2, 2, 3, 3, 3]);
  const like = plan.steps.findIndex(({ op }) => op === 'loadMany');
  const early = { ...plan, ahead: [{ step: like, source: -1, early: false }] };
  assert.equal(roundsOf(early, null)[like], { round: 1, waitsFor: [] });
});

seen('a plan of 500 steps can be moved in: all of it, then a step that was clicked', async () => {
  const page = await opened(printHtml(bigPlan()));
  const box = (selector: string): string => `(() => {
    const { left, top, right, bottom } = document.querySelector(${JSON.stringify(selector)}).getBoundingClientRect();
    return { left, top, right, bottom };
  })()`;
  type Rect = Record<'left' | 'top' | 'right' | 'bottom', number>;
  await page.evaluate(view('Plan'));
  const main = await page.evaluate<Rect>(box('main'));
  const root = await page.evaluate<Rect>(box('.layer rect'));
  assert.ok(root.left >= main.left && root.right <= main.right && root.bottom <= main.bottom, 'all of it is seen');
  await page.evaluate(`document.querySelectorAll('.link')[300].click()`);
  const step = await page.evaluate<Rect>(box('.step.self'));
  assert.ok(step.left >= main.left && step.right <= main.right && step.top >= main.top && step.bottom <= main.bottom);
  assert.ok(step.right - step.left > 100, 'large enough to read');
  assert.equal(page.errors, []);
});

/** The smallest text that is shown below an element, in pixels on the screen. */
const smallestText = (selector: string): string => `Math.min(...[...document.querySelectorAll('${selector}')]
  .filter((element) => element.checkVisibility() && element.textContent !== '')
  .map((element) => {
    const scale = element instanceof SVGElement ? element.getScreenCTM().a : 1;
    return Number.parseFloat(getComputedStyle(element).fontSize) * scale;
  }))`;
const overflow = `document.documentElement.scrollWidth - document.documentElement.clientWidth`;

seen('a plan of more than 60 steps is readable: loads by name, steps that compute in memory folded away', async () => {
  const shards = memoryShards(1);
  const { userIds } = await fill(createKvetch({ schema: storeSchema, shards }), smallSize(1000));
  const slow = shards.map((store) => slowStore(store, 4, { calls: 0, keys: 0, waits: 0 }));
  const kvetch = createKvetch({ schema: storeSchema, shards: slow });
  const tracker = createEngine({ schema: trackerSchema });
  assert.ok(tracker.prepare(issuePages).plan.steps.length > 60);
  const page = await opened(
    await tracker.explain({
      document: issuePages,
      contextValue: { kvetch, viewerId: userIds[0] },
      variableValues: { key: 'P1' },
      analyze: true,
      format: printHtml,
    }),
  );
  await kvetch.close();
  await page.screenshot('plan-rounds');
  const waits = await page.evaluate<string[]>('[...document.querySelectorAll(".wait")].map((row) => row.textContent)');
  assert.ok(waits.length >= 6 && waits.length < 15, `${waits.length} lines`);
  for (const line of waits) assert.match(line, /^\d\$\d+ kvetch\.\w+loadOne · \w+\.\w+ · .*\d+ keys?/);
  assert.ok(waits.some((line) => line.includes('Issue.author · examples/issue-tracker/plans.ts:')));
  await page.evaluate(view('Plan'));
  await page.screenshot('plan-drawing');
  assert.is(await page.evaluate('document.querySelectorAll(".step").length'), waits.length);
  assert.ok((await page.evaluate<number>(smallestText('svg text'))) >= 9);
  await page.evaluate(view('In memory'));
  assert.ok((await page.evaluate<number>('document.querySelectorAll(".step").length')) > 60, 'all of them on request');
  assert.is(await page.evaluate(overflow), 0);
  assert.equal(page.errors, []);
});

seen('a step that is not drawn is drawn when it is chosen', async () => {
  const page = await opened(printHtml(bigPlan()));
  await page.evaluate(view('Plan'));
  const before = await page.evaluate<number>('document.querySelectorAll(".step").length');
  await page.press('/');
  for (const key of 'access') await page.press(key);
  await page.press('Enter');
  assert.ok((await page.evaluate<number>('document.querySelectorAll(".step").length')) > before);
  assert.is(await page.evaluate('document.querySelectorAll(".step.self").length'), 1);
  assert.equal(page.errors, []);
});

seen('nothing of a hostile plan runs in the browser', async () => {
  const page = await opened(hostile.prepare(hostileDocument).explain(printHtml));
  await page.evaluate(`document.querySelectorAll('.link, nav button').forEach((button) => button.click())`);
  assert.is(await page.evaluate('window.broken === undefined'), true);
  assert.is(await page.evaluate('document.images.length'), 0);
  assert.ok((await page.evaluate<string>('document.body.textContent')).includes(evil), 'it is shown as text');
  assert.equal(page.errors, []);
});

html.run();
