/** The parts of the DOM that are needed: types for programs that compile without those of browsers. */

export interface PageElement {
  textContent: string | null;
  hidden: boolean;
  open?: boolean;
  /** When the panel was made. */
  planqlMade?: number;
  readonly isConnected: boolean;
  append(...children: readonly (PageElement | string)[]): void;
  replaceChildren(...children: readonly PageElement[]): void;
  remove(): void;
  setAttribute(name: string, value: string): void;
  addEventListener(type: 'click' | 'toggle', listener: () => void): void;
  attachShadow(init: { readonly mode: 'open' }): Shadow;
}

export interface Shadow {
  adoptedStyleSheets: readonly unknown[];
  append(...children: readonly PageElement[]): void;
}

export interface PageDocument {
  readonly body: PageElement | null;
  readonly documentElement: PageElement;
  createElement(tag: string): PageElement;
  querySelector(selector: string): PageElement | null;
}

interface Page {
  readonly document?: PageDocument;
  readonly CSSStyleSheet: new () => { replaceSync(text: string): void };
}

/** What this page has; Node has nothing of it. */
export function page(): Page {
  return Object(globalThis);
}
