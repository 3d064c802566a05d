import { cut } from './cut.ts';
import { type PageDocument, type PageElement, page } from './dom.ts';
import type { Fetch } from './Fetch.ts';
import type { FetchLog } from './FetchLog.ts';
import { panelStyle } from './panelStyle.ts';

const TAG = 'planql-fetches';
/** The panel is drawn no more often. */
const DRAW_MS = 100;
/** So many fetches of a query are drawn. */
const MOST_DRAWN = 50;

/** Draws the log into the page: a button that opens a list. Does nothing where there is no page. */
export function showPanel(log: FetchLog): void {
  const { document } = page();
  if (document === undefined) return;
  const panel = new Panel(document, log);
  let isWaiting = false;
  log.subscribe(() => {
    if (isWaiting) return;
    isWaiting = true;
    setTimeout(() => {
      isWaiting = false;
      panel.draw();
    }, DRAW_MS);
  });
}

/** All that comes from data is put in as text, never as markup. */
class Panel {
  readonly #document: PageDocument;
  readonly #log: FetchLog;
  readonly #host: PageElement;
  readonly #list: PageElement;
  readonly #toggle: PageElement;
  /** Queries whose fetches are folded in. */
  readonly #folded = new Set<number>();

  constructor(document: PageDocument, log: FetchLog) {
    this.#document = document;
    this.#log = log;
    this.#host = document.createElement(TAG);
    this.#host.planqlMade = performance.now();
    this.#list = this.#element('section', '');
    this.#list.hidden = true;
    this.#list.setAttribute('aria-label', 'Why data was fetched');
    this.#toggle = this.#element('button', '', 'toggle');
    this.#toggle.setAttribute('aria-expanded', 'false');
    this.#toggle.addEventListener('click', () => {
      this.#list.hidden = !this.#list.hidden;
      this.#toggle.setAttribute('aria-expanded', String(!this.#list.hidden));
      this.draw();
    });
    const shadow = this.#host.attachShadow({ mode: 'open' });
    // A page's policy may forbid elements with style, and does not concern style sheets that scripts make.
    const sheet = new (page().CSSStyleSheet)();
    sheet.replaceSync(panelStyle);
    shadow.adoptedStyleSheets = [sheet];
    shadow.append(this.#list, this.#toggle);
  }

  draw(): void {
    if (!this.#isInPage()) return;
    const { fetches } = this.#log;
    this.#toggle.textContent = `Fetches: ${fetches.length}`;
    if (this.#list.hidden) return;
    const byQuery = new Map<number, Fetch[]>();
    for (const fetch of fetches) byQuery.set(fetch.query, [...(byQuery.get(fetch.query) ?? []), fetch]);
    for (const query of this.#folded) if (!byQuery.has(query)) this.#folded.delete(query);
    const clear = this.#element('button', 'Clear');
    clear.addEventListener('click', () => this.#log.clear());
    this.#list.replaceChildren(...[...byQuery].map(([query, own]) => this.#query(query, own)), clear);
  }

  /** Puts it into the page, again where the page has replaced its body. Of several panels the newest one is there: after a hot reload, say. */
  #isInPage(): boolean {
    if (this.#host.isConnected) return true;
    const { body, documentElement } = this.#document;
    const other = this.#document.querySelector(TAG);
    if ((other?.planqlMade ?? 0) > (this.#host.planqlMade ?? 0)) return false;
    other?.remove();
    (body ?? documentElement).append(this.#host);
    return true;
  }

  #query(query: number, fetches: readonly Fetch[]): PageElement {
    const [newest] = fetches;
    const details = this.#element('details', '');
    details.open = !this.#folded.has(query);
    details.addEventListener('toggle', () => {
      if (details.open) this.#folded.delete(query);
      else this.#folded.add(query);
    });
    const times = newest?.nth === 1 ? 'once' : `${newest?.nth} times`;
    const summary = this.#element('summary', `${newest?.name} ${newest?.variables} was fetched ${times}`);
    const list = this.#element('ol', '');
    list.append(...fetches.slice(0, MOST_DRAWN).map((fetch) => this.#fetch(fetch)));
    details.append(summary, list);
    return details;
  }

  #fetch({ at, why, parts, ms, bytes, error }: Fetch): PageElement {
    const item = this.#element('li', '');
    const time = new Date(at).toLocaleTimeString();
    const whole = parts === null ? 'all of it' : cut(parts.join(', '), 400);
    const facts = [time, whole, ms === null ? 'under way' : `${ms} ms`, ...(bytes === null ? [] : [`${bytes} bytes`])];
    item.append(...why.map((sentence) => this.#element('p', sentence)), this.#element('p', facts.join(' · '), 'facts'));
    if (error !== null) item.append(this.#element('p', error, 'bad'));
    return item;
  }

  #element(tag: string, text: string, name = ''): PageElement {
    const element = this.#document.createElement(tag);
    element.textContent = text;
    element.setAttribute('class', name);
    return element;
  }
}
