import { createRequire } from 'node:module';
import * as graphql from 'graphql';
import { Kind } from 'graphql/language/kinds.js';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

const require = createRequire(import.meta.url);
const isGraphql17 = process.execArgv.some((argument) => argument.includes('graphql17.mjs'));

test('the suite runs on the graphql version that was asked for', () => {
  assert.is(graphql.versionInfo.major, isGraphql17 ? 17 : 16);
});

test('import and require, here and in packages, reach one graphql', () => {
  const required = require('graphql') as typeof graphql;
  assert.ok(required.GraphQLSchema === graphql.GraphQLSchema);
  assert.ok(require('graphql/language/kinds.js').Kind === Kind);
  const { parse } = createRequire(require.resolve('graphql-http'))('graphql') as typeof graphql;
  assert.ok(parse === graphql.parse);
});

test.run();
