import { createRequire } from 'node:module';
import { test } from 'vitest';
import { check } from './check.mjs';

test('one identity', () => check(createRequire(import.meta.url)('./required.cjs')));
