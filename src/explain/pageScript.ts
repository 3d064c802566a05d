import { pageElements } from './pageParts.ts';

/**
 * The script of a plan's page: it draws the plan in its JSON, and lets people move in it, search it and look at steps.
 * All text goes into the page as text. Kept as a string: it is written for browsers, and no code here uses it.
 */
export const pageScript: string = String.raw`(() => {
'use strict';
const page = JSON.parse(document.getElementById('page').textContent);
const SVG = 'http://www.w3.org/2000/svg';
const steps = page.steps.map((step, id) => ({ ...step, id, dependents: [] }));
for (const { id, dependencies } of steps) for (const { step } of dependencies) steps[step].dependents.push(id);
const slowest = steps.reduce((most, { measurement }) => Math.max(most, measurement ? measurement.milliseconds : 0), 0);

${pageElements}

// The head.
const header = add(document.body, 'header');
add(header, 'h1', {}, page.title);
const calls = steps.reduce((sum, { measurement }) => sum + (measurement ? measurement.calls : 0), 0);
const waits = steps.filter((step) => step.round > 0);
const roundCount = Math.max(0, ...waits.map(({ round }) => round));
const facts = [count(roundCount, 'round'), count(steps.length, 'step'), count(page.layers.length, 'layer')];
if (page.isMeasured) facts.push(count(calls, 'call'), 'slowest ' + time(slowest));
add(header, 'span', { class: 'facts' }, facts.join(' · '));
const search = add(header, 'input', { type: 'search', placeholder: 'Search steps  ( / )', 'aria-label': 'Search steps', input: find });
const views = ['Rounds', 'Plan'].map((name) => ({ name, button: add(header, 'button', { type: 'button', class: 'view', click: () => openView(name) }, name) }));
const folding = add(header, 'button', { type: 'button', class: 'view', title: 'Steps that compute in memory', click: fold }, 'In memory');
add(header, 'button', { type: 'button', title: 'Smaller (-)', 'aria-label': 'Smaller', click: () => zoom(0.8) }, '−');
add(header, 'button', { type: 'button', title: 'Larger (+)', 'aria-label': 'Larger', click: () => zoom(1.25) }, '+');
add(header, 'button', { type: 'button', title: 'All of it (0)', click: fit }, 'Fit');
add(header, 'button', { type: 'button', title: 'Light or dark', 'aria-label': 'Light or dark', click: changeTheme }, '◐');

// The drawing.
const main = add(document.body, 'main');
const svg = add(main, 'svg', { role: 'group', 'aria-label': 'The steps of the plan' });
const view = add(svg, 'g');
// A layer, then those that it lies in.
function layersTo(layer) {
  return layer === undefined ? [] : [layer, ...layersTo(page.layers[layer.parent])];
}
function curve(from, to, isBeside) {
  if (isBeside) {
    const [x1, y1, x2, y2] = [from.x + from.width, from.y + from.height / 2, to.x, to.y + to.height / 2];
    const reach = Math.max(20, (x2 - x1) / 2);
    return 'M' + [x1, y1] + 'C' + [x1 + reach, y1, x2 - reach, y2, x2, y2];
  }
  const [x1, y1, x2, y2] = [from.x + from.width / 2, from.y + from.height, to.x + to.width / 2, to.y];
  const reach = Math.max(24, Math.abs(y2 - y1) / 3);
  return 'M' + [x1, y1] + 'C' + [x1, y1 + reach, x2, y2 - reach, x2, y2];
}
// The current drawing: all of the plan, or its waiting steps. By step its element, undefined where it is left out.
let [layout, drawn, edges] = [null, [], []];
function draw(next) {
  if (layout === next) return;
  layout = next;
  view.replaceChildren();
  layout.layers.forEach((box, id) => {
    if (box === null) return;
    const layer = page.layers[id];
    const group = add(view, 'g', { class: 'layer' + (layersTo(layer).length % 2 === 0 ? ' inside' : '') });
    add(group, 'rect', { x: box.x, y: box.y, width: box.width, height: box.height });
    add(group, 'text', { x: box.x + 12, y: box.y + 20 }, shorten(layer.text, Math.floor((box.width - 20) / 7.3)));
  });
  edges = layout.edges.flatMap(({ from, to, layer, kind }) => {
    const [start, box] = [layout.steps[from], to === -1 ? layout.layers[layer] : layout.steps[to]];
    if (box === null) return [];
    const end = to === -1 ? { ...box, width: Math.min(box.width, 120) } : box;
    const isBeside = to !== -1 && steps[from].layer === steps[to].layer;
    return [{ from, to, element: add(view, 'path', { class: 'edge ' + kind, d: curve(start, end, isBeside) }) }];
  });
  drawn = steps.map((step) => layout.steps[step.id] === null ? undefined : drawStep(step, layout.steps[step.id]));
  folding.setAttribute('aria-pressed', String(layout === page.layouts.all));
}
function drawStep(step, { x, y, width, height }) {
  const { id, op, text, coordinate, condition, ahead, measurement } = step;
  const isIdle = page.isMeasured && measurement === null && op !== 'entry';
  const label = '$' + id + ' ' + op + ' ' + text + (coordinate ? ', for ' + coordinate : '') + (ahead ? ', ' + ahead : '') + (measurement ? ', ' + measured(measurement) : '');
  const group = add(view, 'g', { class: 'step' + (isIdle ? ' idle' : ''), tabindex: id === 0 ? 0 : -1, role: 'button', 'aria-label': label, transform: 'translate(' + [x, y] + ')', click: () => select(id), focus: () => show(id), keydown: (event) => onStepKey(event, id) });
  add(group, 'title', {}, label);
  add(group, 'rect', { class: 'box', width, height });
  add(group, 'text', { class: 'op', x: 10, y: 18 }, shorten('$' + id + ' ' + titleOf(step), 29));
  add(group, 'text', { class: 'more', x: 10, y: 34 }, shorten(step.name === null ? text : coordinate || text, 29));
  add(group, 'text', { class: 'more', x: 10, y: 50 }, shorten(measurement ? measured(measurement) : isIdle ? 'did not run' : condition || ahead || coordinate || '', 29));
  if (measurement && slowest > 0) add(group, 'rect', { class: 'heat', x: 1, y: height - 4, height: 3, width: Math.max(1, (width - 2) * measurement.milliseconds / slowest) });
  return group;
}
// Loaders and functions by the names that people gave them.
function titleOf({ op, name }) {
  return name === null ? op : name;
}
function measured({ calls, rows, milliseconds }) {
  return [count(calls, 'call'), count(rows, 'row'), time(milliseconds)].join(' · ');
}

// The waits: a line for each step that waits, in the order in which they began.
const rounds = add(main, 'div', { class: 'rounds', tabindex: 0, role: 'group', 'aria-label': 'Steps that wait, in order' });
function showRounds() {
  const begin = waits.reduce((least, { measurement }) => measurement ? Math.min(least, measurement.start) : least, Infinity);
  const span = ({ round, measurement }) => page.isMeasured ? [measurement.start - begin, measurement.milliseconds] : [round - 1, 1];
  const end = waits.reduce((most, step) => Math.max(most, span(step)[0] + span(step)[1]), 0.01);
  add(rounds, 'p', { class: 'hint' }, waits.length === 0 ? 'No step waits: all of them compute in memory.' : page.isMeasured
    ? 'Each line is a step that ' + (page.isWaited ? 'waited' : 'may wait; none did') + '. Its bar shows when it ran: the line is ' + time(end) + ' long.'
    : 'Each line is a step that may wait. Steps with the same number wait at the same time. Explain with analyze shows how long.');
  const table = add(rounds, 'table');
  for (const step of [...waits].sort((a, b) => span(a)[0] - span(b)[0] || a.round - b.round || a.id - b.id)) {
    const row = add(table, 'tr', { class: 'wait' });
    add(row, 'td', { class: 'number' }, String(step.round));
    const name = add(row, 'td', { class: 'mono' });
    link(name, step.id, '$' + step.id + ' ' + titleOf(step));
    add(name, 'div', { class: 'hint' }, [step.name !== null && step.op, step.coordinate, step.place, step.waitsFor.length > 0 && 'after ' + step.waitsFor.map((id) => '$' + id).join(' '), step.ahead].filter(Boolean).join(' · '));
    const track = add(add(row, 'td', { class: 'track' }), 'div', { class: 'bar' });
    const [start, length] = span(step);
    track.style.marginLeft = 100 * start / end + '%';
    track.style.width = 100 * length / end + '%';
    if (step.measurement) {
      const { measurement: { calls, rows, milliseconds, sharedWith, notes } } = step;
      const said = [count(rows, 'key'), calls === 1 ? null : count(calls, 'call'), time(milliseconds), sharedWith.length > 0 && 'shared with ' + sharedWith.map((id) => '$' + id).join(' '), ...Object.entries(notes).map(([key, value]) => key + ' ' + value)];
      add(track.parentNode, 'div', { class: 'hint' }, said.filter(Boolean).join(' · '));
    }
  }
  const others = steps.filter((step) => step.round === 0 && step.op !== 'entry');
  if (others.length === 0) return;
  const folded = foldedSteps(rounds);
  for (const step of others) {
    const line = add(folded, 'div');
    link(line, step.id, '$' + step.id + ' ' + titleOf(step));
    if (step.coordinate) add(line, 'span', { class: 'hint' }, ' ' + step.coordinate);
  }
}
function fold() {
  if (selected !== null) select(null);
  draw(layout === page.layouts.all ? page.layouts.waits : page.layouts.all);
  openView('Plan');
}
function openView(name) {
  const isPlan = name === 'Plan';
  rounds.hidden = isPlan;
  folding.hidden = !isPlan || page.layouts.waits === null;
  svg.classList.toggle('hidden', !isPlan);
  legend.hidden = !isPlan;
  for (const view of views) view.button.setAttribute('aria-pressed', String(view.name === name));
  if (isPlan) fit();
}
const legend = add(main, 'div', { class: 'legend' }, 'Drag to move, scroll to zoom, click a step. Dotted: one value for all rows. Dashed: order, or the source of a layer\'s rows.');

// Moving about.
let [left, top, scale] = [0, 0, 1];
function place() {
  view.setAttribute('transform', 'translate(' + [left, top] + ') scale(' + scale + ')');
}
function zoom(factor, x = main.clientWidth / 2, y = main.clientHeight / 2) {
  const next = Math.min(3, Math.max(0.02, scale * factor));
  left = x - (x - left) * next / scale;
  top = y - (y - top) * next / scale;
  scale = next;
  place();
}
function fit() {
  scale = Math.min(1, (main.clientWidth - 40) / layout.width, (main.clientHeight - 60) / layout.height);
  left = (main.clientWidth - layout.width * scale) / 2;
  top = Math.max(16, (main.clientHeight - layout.height * scale) / 2 - 10);
  place();
}
function show(id) {
  const { x, y, width, height } = layout.steps[id];
  const [midX, midY] = [left + (x + width / 2) * scale, top + (y + height / 2) * scale];
  const isSeen = scale >= 0.45 && midX > 130 && midX < main.clientWidth - 130 && midY > 40 && midY < main.clientHeight - 40;
  if (isSeen) return;
  scale = Math.max(scale, 0.8);
  left = main.clientWidth / 2 - (x + width / 2) * scale;
  top = main.clientHeight / 2 - (y + height / 2) * scale;
  place();
}
svg.addEventListener('wheel', (event) => {
  event.preventDefault();
  const box = svg.getBoundingClientRect();
  zoom(Math.exp(-event.deltaY * 0.0015), event.clientX - box.left, event.clientY - box.top);
}, { passive: false });
let drag = null;
svg.addEventListener('pointerdown', (event) => {
  drag = { x: event.clientX - left, y: event.clientY - top, moved: false, isStep: event.target.closest('.step') !== null };
});
svg.addEventListener('pointermove', (event) => {
  if (drag === null || event.buttons === 0) return;
  const [x, y] = [event.clientX - drag.x, event.clientY - drag.y];
  if (!drag.moved && Math.hypot(x - left, y - top) < 4) return;
  if (!drag.moved) svg.setPointerCapture(event.pointerId);
  drag.moved = true;
  [left, top] = [x, y];
  svg.classList.add('dragged');
  place();
});
svg.addEventListener('pointerup', () => {
  if (drag !== null && !drag.moved && !drag.isStep) select(null);
  drag = null;
  svg.classList.remove('dragged');
});

// The panel.
const aside = add(document.body, 'aside');
const nav = add(aside, 'nav', { role: 'tablist', 'aria-label': 'Shown details' });
const tabs = ['Step', 'Steps', 'Response', 'Operation'].map((name) => {
  const id = name.toLowerCase();
  const section = add(aside, 'section', { role: 'tabpanel', id, 'aria-labelledby': 'tab-' + id, tabindex: 0 });
  const button = add(nav, 'button', { type: 'button', role: 'tab', id: 'tab-' + id, 'aria-controls': id, click: () => open(name) }, name);
  return { name, section, button };
});
function open(name) {
  for (const tab of tabs) {
    tab.section.hidden = tab.name !== name;
    tab.button.setAttribute('aria-selected', String(tab.name === name));
  }
}
const [stepTab, stepsTab, responseTab, operationTab] = tabs.map(({ section }) => section);
const link = (parent, id, text = '$' + id) => add(parent, 'button', { type: 'button', class: 'link', click: () => select(id) }, text);

function showSteps() {
  stepsTab.replaceChildren();
  const spent = ({ measurement }) => measurement ? measurement.milliseconds : -1;
  const found = steps.filter(matches).sort((a, b) => spent(b) - spent(a) || a.id - b.id);
  const isFolded = page.layouts.waits !== null && search.value.trim() === '';
  listSteps(stepsTab, isFolded ? found.filter(({ round }) => round > 0) : found);
  if (isFolded) listSteps(foldedSteps(stepsTab), found.filter(({ round }) => round === 0));
}
function listSteps(parent, listed) {
  const table = add(parent, 'table');
  const head = add(table, 'tr');
  for (const name of ['Step', ...(page.isMeasured ? ['Calls', 'Rows', 'Time'] : [])]) add(head, 'th', { scope: 'col', class: name === 'Step' ? null : 'number' }, name);
  for (const step of listed) {
    const row = add(table, 'tr');
    const cell = add(row, 'td');
    link(cell, step.id, '$' + step.id + ' ' + titleOf(step));
    if (step.coordinate) add(cell, 'div', { class: 'hint' }, step.coordinate);
    if (!page.isMeasured) continue;
    const { measurement } = step;
    for (const value of measurement ? [measurement.calls, measurement.rows, time(measurement.milliseconds)] : ['', '', '']) add(row, 'td', { class: 'number' }, String(value));
  }
}
function foldedSteps(parent) {
  const inMemory = steps.filter((step) => step.round === 0 && step.op !== 'entry').length;
  const folded = add(parent, 'details');
  add(folded, 'summary', {}, count(inMemory, 'step') + (inMemory === 1 ? ' computes' : ' compute') + ' in memory');
  return folded;
}

function showStep(id) {
  stepTab.replaceChildren();
  if (id === null) {
    add(stepTab, 'p', { class: 'hint' }, 'Click a step, or move between steps with the arrow keys: left to its dependencies, right to its dependents, up and down by number. Escape lets go.');
    return;
  }
  const { op, text, condition, ahead, coordinate, place, layer, params, dependencies, dependents, measurement } = steps[id];
  add(stepTab, 'h2', {}, '$' + id + ' ' + op);
  const list = add(stepTab, 'dl');
  const row = (name, ...value) => {
    add(list, 'dt', {}, name);
    return add(list, 'dd', {}, ...value);
  };
  if (text !== '') add(row('Summary'), 'code', {}, text);
  if (coordinate) row('For', coordinate);
  if (place) add(row('Made at'), 'code', {}, place);
  withLinks(row('In layer'), layersTo(page.layers[layer]).map(({ text }, depth) => (depth === 0 ? '' : 'in ') + text));
  if (condition !== '') row('Runs', condition);
  if (ahead !== '') row('Ahead', ahead);
  if (measurement) {
    row('Calls', String(measurement.calls));
    row('Rows', String(measurement.rows));
    row('Time', time(measurement.milliseconds));
    if (measurement.sharedWith.length > 0) links(row('Shared with'), measurement.sharedWith);
    for (const [name, value] of Object.entries(measurement.notes)) row(name, String(value));
  } else if (page.isMeasured && op !== 'entry') row('Calls', 'did not run');
  const takes = row('Takes in');
  for (const { step, kind } of dependencies) {
    link(takes, step);
    takes.append(' ' + titleOf(steps[step]) + ({ list: '', global: ', one value for all rows', collect: ', collected', order: ', runs first' })[kind]);
    add(takes, 'br');
  }
  if (dependencies.length === 0) takes.append('nothing');
  if (dependents.length > 0) links(row('Needed by'), [...new Set(dependents)]);
  if (params !== '{}') add(row('Params'), 'pre', {}, params);
}
function links(parent, ids) {
  for (const id of ids) {
    link(parent, id);
    parent.append(' ');
  }
}

// Texts in which steps are named by number.
function withLinks(parent, lines) {
  const text = add(parent, 'pre');
  for (const line of lines) {
    for (const part of line.split(/(\$\d+)/)) {
      const id = /^\$\d+$/.test(part) ? Number(part.slice(1)) : -1;
      if (id in steps) link(text, id);
      else text.append(part);
    }
    text.append('\n');
  }
}
withLinks(responseTab, page.response);
add(operationTab, 'pre', {}, page.document);

// Choosing and finding.
let selected = null;
function select(id) {
  selected = id;
  const [up, down] = id === null ? [new Set(), new Set()] : [reach(id, (step) => step.dependencies.map(({ step: of }) => of)), reach(id, (step) => step.dependents)];
  if (id !== null && drawn[id] === undefined) draw(page.layouts.all);
  svg.classList.toggle('selecting', id !== null);
  drawn.forEach((group, at) => {
    if (group === undefined) return;
    group.classList.toggle('self', at === id);
    group.classList.toggle('up', at !== id && up.has(at));
    group.classList.toggle('down', at !== id && down.has(at));
    group.setAttribute('tabindex', at === (id === null ? 0 : id) ? 0 : -1);
  });
  for (const { from, to, element } of edges) {
    element.classList.toggle('up', to !== -1 && up.has(from) && up.has(to));
    element.classList.toggle('down', to !== -1 && down.has(from) && down.has(to));
  }
  showStep(id);
  if (id === null) return;
  open('Step');
  show(id);
}
function reach(from, next) {
  const found = new Set([from]);
  for (const id of found) for (const other of next(steps[id])) found.add(other);
  return found;
}
function matches({ id, op, text, coordinate, params }) {
  const wanted = search.value.trim().toLowerCase();
  return wanted === '' || ('$' + id + ' ' + op + ' ' + text + ' ' + (coordinate || '') + ' ' + params).toLowerCase().includes(wanted);
}
function find() {
  const isSearching = search.value.trim() !== '';
  if (isSearching && selected !== null) select(null);
  if (isSearching) draw(page.layouts.all);
  svg.classList.toggle('searching', isSearching);
  drawn.forEach((group, id) => group && group.classList.toggle('found', isSearching && matches(steps[id])));
  showSteps();
  if (isSearching) open('Steps');
}
search.addEventListener('keydown', (event) => {
  const first = steps.find(matches);
  if (event.key === 'Enter' && first) go(first.id);
});
function go(id) {
  if (!rounds.hidden) openView('Plan');
  select(id);
  drawn[id].focus({ preventScroll: true });
}
function onStepKey(event, id) {
  const { dependencies, dependents } = steps[id];
  const to = { ArrowLeft: dependencies.length > 0 ? dependencies[0].step : null, ArrowRight: dependents.length > 0 ? dependents[0] : null, ArrowUp: id - 1, ArrowDown: id + 1, Enter: id, ' ': id }[event.key];
  if (to === undefined) return;
  event.preventDefault();
  if (to in steps) go(to);
}
document.addEventListener('keydown', (event) => {
  if (event.key === 'Escape') {
    search.value = '';
    find();
    select(null);
  }
  if (event.target === search || event.ctrlKey || event.metaKey || event.altKey) return;
  const act = { '/': () => search.focus(), '+': () => zoom(1.25), '-': () => zoom(0.8), 0: fit }[event.key];
  if (act === undefined) return;
  event.preventDefault();
  act();
});
function changeTheme() {
  const root = document.documentElement;
  const isDark = root.dataset.theme ? root.dataset.theme === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
  root.dataset.theme = isDark ? 'light' : 'dark';
}

draw(page.layouts.waits || page.layouts.all);
showStep(null);
showSteps();
showRounds();
open(page.isMeasured ? 'Steps' : 'Step');
openView(waits.length > 0 ? 'Rounds' : 'Plan');
})();`;
