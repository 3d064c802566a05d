// Makes `graphql` and `graphql/...` mean the development dependency `graphql-17`, for every module of the process:
//   node --import ./test/support/typescript.mjs --import ./test/support/graphql17.mjs ...
// graphql 17 offers ES modules to `require` too, of which a loader may make a second copy; so all roads lead to its
// CommonJS files, which lie beside them.
import { Module, register } from 'node:module';
import { isMainThread } from 'node:worker_threads';

const graphqlName = /^graphql(?=\/|$)/;

/** The resolve hook for `import` (this file is its own hook module). */
export async function resolve(specifier, context, nextResolve) {
  if (!graphqlName.test(specifier)) return nextResolve(specifier, context);
  const resolved = await nextResolve(specifier.replace(graphqlName, 'graphql-17'), context);
  return { ...resolved, url: resolved.url.replace(/\.mjs$/, '.js'), format: 'commonjs' };
}

if (isMainThread) {
  register(import.meta.url);
  const resolveFilename = Module._resolveFilename;
  Module._resolveFilename = function (request, ...rest) {
    if (!graphqlName.test(request)) return resolveFilename.call(this, request, ...rest);
    return resolveFilename.call(this, request.replace(graphqlName, 'graphql-17'), ...rest).replace(/\.mjs$/, '.js');
  };
}
