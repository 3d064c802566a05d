export { printHtml } from './explain/printHtml.ts';
