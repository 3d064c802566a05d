/** The common parts of planql's pages: colours by day and by night, buttons, texts. */
export const pageColors: string = `:root {
  color-scheme: light dark;
  --back: light-dark(#f6f7f9, #14161b); --panel: light-dark(#ffffff, #1c1f26); --text: light-dark(#1d2430, #dfe4ee);
  --faint: light-dark(#677183, #8e98ab); --line: light-dark(#d5dae3, #343a46); --layer: light-dark(#eceff4, #1a1d24); --layer-inside: light-dark(#f7f8fa, #20242d);
  --step: light-dark(#ffffff, #232730); --accent: light-dark(#2458d3, #82aaff); --up: light-dark(#b3560b, #ffb86b);
  --down: light-dark(#13795b, #6fdcb1); --heat: light-dark(#d9480f, #ff8a5c);
}
:root[data-theme=light] { color-scheme: light }
:root[data-theme=dark] { color-scheme: dark }
* { box-sizing: border-box }
button, input { font: inherit; color: inherit }
button { background: none; border: 1px solid var(--line); border-radius: 6px; padding: 3px 9px; cursor: pointer }
button:hover { border-color: var(--accent) }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 1px }
code, pre, .mono, svg text { font-family: ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace; font-size: 12px }
pre { white-space: pre-wrap; overflow-wrap: anywhere; margin: 0 }
.link { border: 0; padding: 0; text-align: left; color: var(--accent); font-family: ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace; font-size: 12px }
.link:hover { text-decoration: underline }`;

/**
 * Functions of the pages' scripts. All text goes into the page as text. Kept as text: it is written for browsers, and has
 * no part here.
 */
export const pageElements: string = `// Elements: attributes, listeners as functions, texts and other elements as children.
function add(parent, name, attributes = {}, ...children) {
  const isSvg = name === 'svg' || parent instanceof SVGElement;
  const element = isSvg ? document.createElementNS(SVG, name) : document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (typeof value === 'function') element.addEventListener(key, value);
    else if (value !== null && value !== false) element.setAttribute(key, value);
  }
  element.append(...children);
  parent.append(element);
  return element;
}
const count = (number, noun) => number + ' ' + noun + (number === 1 ? '' : 's');
const time = (milliseconds) => milliseconds < 0.1 ? Math.round(milliseconds * 1000) + ' µs' : milliseconds.toFixed(milliseconds < 10 ? 2 : 0) + ' ms';
const shorten = (text, length) => text.length <= length ? text : text.slice(0, length - 1) + '…';`;

/** JSON that no HTML parser takes for anything else: without `<` there is no end of the script, and no comment. */
export function scriptJson(value: unknown): string {
  return JSON.stringify(value).replaceAll('<', '\\u003c');
}
