import { createRequire } from 'node:module';
import { check } from './check.mjs';

await check(createRequire(import.meta.url)('./required.cjs'));
console.log('one identity');
