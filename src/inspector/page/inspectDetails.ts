/** The part of the page's script that shows one record. Kept as text, as it runs in browsers. */
export const inspectDetails: string = `
// The chosen record.
function showText(text) {
  aside.replaceChildren();
  add(aside, 'p', { class: 'hint' }, text);
}
function begin(title) {
  aside.replaceChildren();
  const panel = add(aside, 'div');
  add(panel, 'h2', {}, title);
  const terms = add(panel, 'dl');
  const row = (name, ...value) => {
    add(terms, 'dt', {}, name);
    return add(terms, 'dd', {}, ...value);
  };
  return { panel, row };
}
async function chooseOperation({ id }) {
  selected = id;
  list();
  const response = await fetch(facts.path + '.json?operation=' + encodeURIComponent(id));
  const record = await response.json();
  if (selected !== id) return;
  if (!response.ok) return showText(record.error);
  const { panel, row } = begin(nameOf(record));
  row('Is', record.type + ', ' + ({ request: 'asked by a client', refetch: 'parts that a client fetched again', live: 'a run of a live query', replay: 'run again from here' })[record.cause] + (record.kind === 'execute' ? '' : ', ' + record.kind));
  row('Began', new Date(record.at).toLocaleString());
  row('Took', time(record.ms) + ': ' + phases.filter((phase) => record.times[phase] !== null).map((phase) => phase + ' ' + time(record.times[phase])).join(', '));
  row('Plan', record.isPlanCached ? 'was known' : 'was made for it');
  row('Response', record.responseBytes === null ? 'objects: the server writes them' : bytesOf(record.responseBytes));
  if (record.dependencies) row('Depends on', count(record.dependencies.count, 'key') + (record.dependencies.status === 'partial' ? ', and on sources that name nothing' : '') + ', as of change ' + record.dependencies.asOf);
  if (record.changes.length > 0) {
    const links = row(record.type === 'mutation' ? 'Changed' : 'Because of');
    for (const change of new Set(record.changes)) {
      const known = data.invalidations.find((one) => one.id === change);
      add(links, 'button', { type: 'button', class: 'link', click: () => goTo('Changes', change) }, known ? 'change ' + known.seq + (known.name ? ' (' + known.name + ')' : '') : 'a change that is no longer kept');
      links.append(' ');
    }
  }
  if (record.variables !== '') add(row(facts.showsVariables ? 'Variables' : 'Variables (names)'), 'code', {}, record.variables);
  for (const error of record.errors) row('Error', add(document.createDocumentFragment(), 'span', { class: 'bad' }, error));
  if (record.errorCount > record.errors.length) row('', 'and ' + (record.errorCount - record.errors.length) + ' more errors');
  const buttons = add(panel, 'p');
  if (record.isWhole) add(buttons, 'button', { type: 'button', id: 'show-plan', click: () => showPlan(id) }, 'Plan and waterfall');
  if (record.isWhole) {
    buttons.append(' ');
    add(buttons, 'a', { href: facts.path + '/plan?operation=' + encodeURIComponent(id), target: '_blank', rel: 'noreferrer' }, 'in a window of its own');
  }
  if (record.isWhole && record.type === 'query' && facts.token !== null) {
    buttons.append(' ');
    add(buttons, 'button', { type: 'button', id: 'show-replay', click: (event) => { event.currentTarget.hidden = true; showReplay(panel, record); } }, 'Run it again');
  }
  showStepTable(panel, record);
  add(panel, 'h3', {}, record.isWhole ? 'Operation' : 'The beginning of the operation');
  add(panel, 'pre', {}, record.text);
}
function showPlan(id) {
  for (const old of aside.querySelectorAll('iframe')) old.remove();
  const frame = add(aside, 'iframe', { title: 'The plan of the operation', src: facts.path + '/plan?operation=' + encodeURIComponent(id) });
  frame.addEventListener('load', () => frame.scrollIntoView({ block: 'end' }));
}
function showStepTable(panel, { steps, ms }) {
  const waits = steps.filter(({ waited }) => waited);
  const fold = (title, records, isOpen) => {
    if (records.length === 0) return;
    const folded = add(panel, 'details', isOpen ? { open: '' } : {});
    add(folded, 'summary', {}, title);
    const table = add(folded, 'table');
    const head = add(table, 'tr');
    for (const [name, isNumber] of [['Step'], ['Calls', true], ['Rows', true], ['Time', true], ['When']]) add(head, 'th', { scope: 'col', class: isNumber ? 'number' : null }, name);
    for (const step of records) {
      const row = add(table, 'tr');
      const name = add(row, 'td', { class: 'text' });
      add(name, 'code', {}, '$' + step.step + ' ' + step.op);
      const notes = Object.entries(step.notes).map(([key, value]) => key + ' ' + value);
      add(name, 'div', { class: 'hint' }, [step.coordinate, ...notes].filter(Boolean).join(' · '));
      for (const value of [step.calls, step.rows, time(step.ms)]) add(row, 'td', { class: 'number' }, String(value));
      const bar = add(add(row, 'td', { class: 'track' }), 'div', { class: 'bar' });
      bar.style.marginLeft = Math.min(98, 100 * step.startMs / ms) + '%';
      bar.style.width = Math.min(100 - Math.min(98, 100 * step.startMs / ms), 100 * step.ms / ms) + '%';
    }
  };
  fold(count(waits.length, 'step') + ' that waited', waits, true);
  const others = steps.filter(({ waited }) => !waited);
  fold(count(others.length, 'step') + ' in memory', others, waits.length === 0 && others.length <= 30);
}
function showReplay(panel, record) {
  const form = add(panel, 'form', { 'aria-label': 'Run it again' });
  const shown = facts.showsVariables && record.variables !== '' ? record.variables : '{' + (record.variables === '' ? '' : JSON.parse(record.variables).map((name) => JSON.stringify(name) + ': ').join(', ')) + '}';
  add(form, 'h3', {}, 'Variables');
  const input = add(form, 'textarea', { 'aria-label': 'Variables as JSON', spellcheck: 'false' });
  input.value = shown;
  add(form, 'button', { type: 'submit', id: 'replay' }, 'Run');
  const output = add(form, 'pre', { role: 'status', hidden: '' });
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    output.hidden = false;
    let variables;
    try {
      variables = JSON.parse(input.value || '{}');
    } catch (error) {
      output.textContent = 'The variables are no JSON: ' + error.message;
      return;
    }
    output.textContent = 'It runs …';
    const response = await fetch(facts.path + '/replay', {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-planql-inspect': facts.token },
      body: JSON.stringify({ operation: record.id, variables }),
    });
    const answered = await response.json();
    output.textContent = response.ok ? answered.response : answered.error;
  });
}
function chooseChange(record) {
  selected = record.id;
  list();
  const { row } = begin('Change ' + record.seq);
  row('Made', clock(record.at) + (record.server === null ? '' : ' on ' + record.server));
  if (record.name !== null) {
    const by = row('By');
    if (record.server === data.server && record.operation !== null) add(by, 'button', { type: 'button', class: 'link', click: () => goTo('Operations', record.operation) }, record.name || '(a mutation without a name)');
    else by.append(record.name || '(a mutation without a name)');
  }
  if (record.flushMs !== null) row('Told the store in', time(record.flushMs));
  row('Keys', kindsOf(record.kinds) || count(record.keyCount, 'key'));
  const keys = row('');
  for (const [at, key] of record.keys.entries()) add(keys, 'div', {}, add(document.createDocumentFragment(), 'code', {}, (record.texts && record.texts[at]) || key));
  if (record.keyCount > record.keys.length) keys.append('and ' + (record.keyCount - record.keys.length) + ' more');
  for (const { server, session, poll, live, other, lagMs } of record.told) {
    row('Told on ' + server, [count(session, 'set') + ' of sockets and streams', poll && count(poll, 'waiting poll'), live && count(live, 'live query').replace('querys', 'queries'), other && count(other, 'other')].filter(Boolean).join(', ') + (lagMs === null ? '' : ', ' + lagMs + ' ms later'));
  }
  if (record.effectCount > 0) row('Led to', ledTo(record));
  for (const { server, kind, name, operation, ms } of record.effects) {
    const to = row('');
    const text = kind + ' of ' + (name || '(without a name)') + ', ' + time(ms) + ', on ' + server;
    if (server === data.server) add(to, 'button', { type: 'button', class: 'link', click: () => goTo('Operations', operation) }, text);
    else to.append(text);
  }
}
function chooseKey(record) {
  selected = record.key;
  list();
  const { panel, row } = begin(record.text || record.key);
  row('On the wire', record.key);
  if (record.kind !== null) row('Kind', kinds[record.kind] || record.kind);
  row('Held by', count(record.watches, 'set') + ' of ' + data.watches + ' on this server');
  row('Changed', count(record.invalidations, 'time') + ' lately, which led to ' + count(record.effects, 'run'));
  for (const advice of data.advice) if (advice.key === record.key) add(panel, 'p', {}, advice.text);
  add(panel, 'h3', {}, 'Changes');
  for (const change of data.invalidations) {
    if (!change.keys.includes(record.key)) continue;
    add(add(panel, 'div'), 'button', { type: 'button', class: 'link', click: () => goTo('Changes', change.id) }, clock(change.at) + ' ' + (change.name || '(code or a service)'));
  }
}
`;
