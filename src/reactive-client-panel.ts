/** `planql/reactive/client/panel`: why data was fetched, in a corner of the page. For development. */

export { fetchPanel } from './reactive/client/panel/fetchPanel.ts';
