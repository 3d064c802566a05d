import { pageElements } from '../../explain/pageParts.ts';
import { inspectDetails } from './inspectDetails.ts';

/**
 * The script of the inspector's page: it fetches records again and again, lists them, and shows the chosen one. All text goes
 * into the page as text. Kept as a string: it is written for browsers.
 */
export const inspectScript: string = `(() => {
'use strict';
const facts = JSON.parse(document.getElementById('facts').textContent);
${pageElements}
let data = null;
let selected = null;
let isLive = true;

// The head.
const header = add(document.body, 'header');
add(header, 'h1', {}, 'planql inspector');
const nav = add(header, 'nav', { role: 'tablist', 'aria-label': 'Lists' });
const figures = add(header, 'span', { class: 'facts', role: 'status' });
const search = add(header, 'input', { type: 'search', placeholder: 'Filter  ( / )', 'aria-label': 'Filter', input: list });
const live = add(header, 'button', { type: 'button', title: 'Stop or go on ( p )', 'aria-pressed': 'true', click: toggleLive }, 'Live');
const main = add(document.body, 'main', { role: 'tabpanel', id: 'list' });
const aside = add(document.body, 'aside', { 'aria-label': 'The chosen record' });
const tabs = ['Operations', 'Changes', 'Keys', 'Advice'].map((name) => ({
  name,
  button: add(nav, 'button', { type: 'button', role: 'tab', id: 'tab-' + name.toLowerCase(), 'aria-controls': 'list', click: () => open(name), keydown: onTabKey }, name),
}));
let current = 'Operations';
function open(name) {
  current = name;
  for (const tab of tabs) {
    tab.button.setAttribute('aria-selected', String(tab.name === name));
    tab.button.setAttribute('tabindex', tab.name === name ? 0 : -1);
  }
  main.setAttribute('aria-labelledby', 'tab-' + name.toLowerCase());
  list();
}
function onTabKey(event) {
  const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  if (step === undefined) return;
  const at = tabs.findIndex(({ name }) => name === current);
  const next = tabs[(at + step + tabs.length) % tabs.length];
  open(next.name);
  next.button.focus();
}
function toggleLive() {
  isLive = !isLive;
  live.setAttribute('aria-pressed', String(isLive));
}

// Lists.
const clock = (at) => new Date(at).toLocaleTimeString([], { hour12: false });
const bytesOf = (bytes) => bytes < 1000 ? bytes + ' B' : bytes < 1e6 ? (bytes / 1e3).toFixed(1) + ' kB' : (bytes / 1e6).toFixed(1) + ' MB';
const nameOf = ({ name, type }) => name || '(' + type + ' without a name)';
const phases = ['parse', 'validate', 'plan', 'execute', 'write'];
const isFound = (...texts) => texts.join(' ').toLowerCase().includes(search.value.trim().toLowerCase());
function rowsOf(names, records, fill, choose) {
  const table = add(main, 'table');
  const head = add(table, 'tr');
  for (const [name, isNumber] of names) add(head, 'th', { scope: 'col', class: isNumber ? 'number' : null }, name);
  records.forEach((record, at) => {
    const key = record.id || record.key;
    const row = add(table, 'tr', { class: 'row', tabindex: (selected === null ? at === 0 : selected === key) ? 0 : -1, 'aria-selected': String(selected === key), 'data-id': key, click: () => choose(record), keydown: (event) => onRowKey(event, () => choose(record)) });
    fill((text, kind) => add(row, 'td', { class: kind || null }, text), record, row);
  });
  if (records.length === 0) add(main, 'p', { class: 'hint' }, data === null ? 'Loading …' : 'Nothing yet.');
}
function onRowKey(event, choose) {
  if (event.key === 'Enter' || event.key === ' ') {
    event.preventDefault();
    return choose();
  }
  const to = { ArrowDown: 'nextElementSibling', ArrowUp: 'previousElementSibling' }[event.key];
  const next = to && event.currentTarget[to];
  if (!next || !next.classList.contains('row')) return;
  event.preventDefault();
  event.currentTarget.setAttribute('tabindex', -1);
  next.setAttribute('tabindex', 0);
  next.focus();
}
const lists = { Operations: listOperations, Changes: listChanges, Keys: listKeys, Advice: listAdvice };
function list() {
  const focused = document.activeElement && document.activeElement.dataset && document.activeElement.dataset.id;
  const scrolled = main.scrollTop;
  main.replaceChildren();
  if (data === null) return add(main, 'p', { class: 'hint' }, 'Loading …');
  lists[current]();
  main.scrollTop = scrolled;
  if (focused) for (const row of main.querySelectorAll('tr.row')) if (row.dataset.id === focused) row.focus({ preventScroll: true });
}
function listOperations() {
  const records = data.operations.filter((one) => isFound(one.name, one.type, one.cause, one.kind, one.error || ''));
  const slowest = Math.max(0.01, ...records.map(({ ms }) => ms));
  const legend = add(main, 'div', { class: 'hint' }, 'Time:');
  for (const phase of phases) {
    add(legend, 'span', { class: 'key ' + phase });
    legend.append(phase);
  }
  rowsOf([['At'], ['Operation'], ['Time', true], ['', false], ['Plan'], ['Steps', true], ['Keys', true], ['Bytes', true]], records, (cell, one, row) => {
    cell(clock(one.at), 'hint');
    const name = cell('', 'text');
    add(name, 'span', { class: one.errorCount > 0 ? 'bad' : null }, nameOf(one));
    if (one.type !== 'query') name.append(' ', tag(one.type));
    if (one.cause !== 'request') name.append(' ', tag(one.cause));
    if (one.kind !== 'execute') name.append(' ', tag(one.kind));
    if (one.error) add(name, 'div', { class: 'bad' }, count(one.errorCount, 'error') + ': ' + one.error);
    cell(time(one.ms), 'number');
    bar(add(row, 'td', { class: 'track' }), one, slowest);
    cell(one.isPlanCached ? 'known' : 'made', one.isPlanCached ? 'hint' : '');
    cell(String(one.steps), 'number');
    cell(one.dependencies === null ? '' : String(one.dependencies.count) + (one.dependencies.status === 'partial' ? ' ?' : ''), 'number');
    cell(one.responseBytes === null ? '' : bytesOf(one.responseBytes), 'number');
  }, chooseOperation);
}
function tag(text) {
  return add(document.createDocumentFragment(), 'span', { class: 'tag' }, text);
}
function bar(parent, { times, ms }, longest) {
  const track = add(parent, 'div', { class: 'phases' });
  track.style.width = Math.max(2, 100 * ms / longest) + '%';
  for (const phase of phases) {
    if (!times[phase]) continue;
    add(track, 'div', { class: 'phase ' + phase, title: phase + ' ' + time(times[phase]) }).style.width = 100 * times[phase] / ms + '%';
  }
}
const kinds = { o: 'object', e: 'list', i: 'index', t: 'type', m: 'by hand' };
const kindsOf = (given) => Object.entries(given).map(([kind, number]) => number + ' ' + (kinds[kind] || kind)).join(', ');
const toldOf = (told) => told.reduce((sum, one) => sum + one.session + one.poll + one.live + one.other, 0);
function listChanges() {
  const records = data.invalidations.filter((one) => isFound(one.name || '', one.server || '', ...one.keys, ...(one.texts || [])));
  rowsOf([['At'], ['Made by'], ['On'], ['Keys'], ['Told', true], ['Lag', true], ['Led to']], records, (cell, one) => {
    cell(clock(one.at), 'hint');
    cell(one.name === null ? one.server === null ? '(a server without an inspector)' : '(code or a service)' : one.name || '(without a name)', 'text');
    cell(one.server || '?', 'text');
    cell(kindsOf(one.kinds) || count(one.keyCount, 'key'));
    cell(String(toldOf(one.told)), 'number');
    const lags = one.told.flatMap(({ lagMs }) => lagMs === null ? [] : [lagMs]);
    cell(lags.length === 0 ? '' : lags.reduce((most, lag) => Math.max(most, lag), 0) + ' ms', 'number');
    cell(one.effectCount === 0 ? '' : ledTo(one));
  }, chooseChange);
}
function ledTo({ effects, effectCount }) {
  const of = (kind) => effects.filter((one) => one.kind === kind).length;
  const servers = new Set(effects.map(({ server }) => server));
  return count(effectCount, 'run') + ': ' + [of('refetch') && count(of('refetch'), 'refetch').replace('refetchs', 'refetches'), of('live') && count(of('live'), 'live run')].filter(Boolean).join(', ') + (servers.size > 1 ? ' on ' + count(servers.size, 'server') : '');
}
function listKeys() {
  const records = data.keys.filter((one) => isFound(one.key, one.text || '', kinds[one.kind] || ''));
  add(main, 'p', { class: 'hint' }, 'By how many hold them on this server (of ' + data.watches + ' sets), and by the effects of their changes.');
  const most = Math.max(1, ...records.map(({ watches }) => watches));
  rowsOf([['Key'], ['Kind'], ['Sets', true], ['', false], ['Changes', true], ['Led to', true]], records, (cell, one, row) => {
    const name = cell('', 'text');
    add(name, 'code', {}, one.text || one.key);
    cell(kinds[one.kind] || '', 'hint');
    cell(String(one.watches), 'number');
    add(add(row, 'td', { class: 'track' }), 'div', { class: 'bar' }).style.width = 100 * one.watches / most + '%';
    cell(String(one.invalidations), 'number');
    cell(String(one.effects), 'number');
  }, chooseKey);
}
function listAdvice() {
  if (data.advice.length === 0) return add(main, 'p', { class: 'hint' }, 'None: no step loads one row at a time, and no key is too broad.');
  const parent = add(main, 'ul');
  for (const { text, operation, key } of data.advice) {
    const item = add(parent, 'li', {}, text + ' ');
    if (operation !== null) add(item, 'button', { type: 'button', class: 'link', click: () => goTo('Operations', operation) }, 'Show it');
    if (key !== null) add(item, 'button', { type: 'button', class: 'link', click: () => goTo('Keys', key) }, 'Show it');
  }
}
function goTo(name, id) {
  search.value = '';
  selected = id;
  open(name);
  const found = { Operations: data.operations, Changes: data.invalidations, Keys: data.keys }[name].find((one) => (one.id || one.key) === id);
  if (found === undefined) return showText('The record is no longer kept.');
  ({ Operations: chooseOperation, Changes: chooseChange, Keys: chooseKey })[name](found);
}
${inspectDetails}
// Keys and news.
document.addEventListener('keydown', (event) => {
  if (event.key === 'Escape') {
    search.value = '';
    selected = null;
    showText('Choose a record: with the mouse, or with the arrow keys and Enter. Tabs change with left and right.');
    return list();
  }
  if (/^(INPUT|TEXTAREA)$/.test(event.target.tagName) || event.ctrlKey || event.metaKey || event.altKey) return;
  const act = { '/': () => search.focus(), p: toggleLive }[event.key];
  if (act === undefined) return;
  event.preventDefault();
  act();
});
async function load() {
  if (isLive && !document.hidden) {
    try {
      const response = await fetch(facts.path + '.json' + (data === null ? '' : '?changes=' + encodeURIComponent(data.changes)), { headers: { accept: 'application/json' } });
      if (!response.ok) throw new Error('The server answers ' + response.status + '.');
      const next = await response.json();
      if (next.operations !== undefined) {
        data = next;
        const { operations, invalidations, bytes, dropped } = data.stats;
        figures.textContent = data.server + ' · ' + count(operations, 'operation') + ' · ' + count(invalidations, 'change') + ' · ' + bytesOf(bytes) + ' kept' + (dropped > 0 ? ' · ' + dropped + ' older ones gone' : '');
        list();
      }
    } catch (error) {
      figures.textContent = String(error.message || error);
    }
  }
  setTimeout(load, 1000);
}
open('Operations');
showText('Choose a record: with the mouse, or with the arrow keys and Enter. Tabs change with left and right.');
load();
})();`;
