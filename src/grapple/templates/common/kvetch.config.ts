/** What the commands of `kvetch` work on: the store of the application. */
import type { KvetchOptions } from 'planql/kvetch';
import { storeParts } from './config.ts';
import { readSettings } from './settings.ts';

const { options }: { readonly options: KvetchOptions } = await storeParts(readSettings().store);
export default options as KvetchOptions;
