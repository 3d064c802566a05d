/** What the commands of `kvetch` work on: the store of the application. They tell the servers what they change. */
import type { KvetchOptions } from 'planql/kvetch';
import { storeParts } from './config.ts';
import { openInvalidator } from './reactive.ts';
import { readSettings } from './settings.ts';

const settings = readSettings();
const { options } = await storeParts(settings.store);
const invalidator = await openInvalidator(settings);
export default (invalidator === null ? options : { ...options, changes: invalidator.changes }) as KvetchOptions;
