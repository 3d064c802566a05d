/** GraphiQL from node_modules, with a panel that shows the plan of the query that was run last. */
import { createReadStream } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const { resolve } = createRequire(import.meta.url);

/** By path of the request: package, file in it, and type. */
const files: Readonly<Record<string, readonly [name: string, file: string, type: string]>> = {
  '/graphiql/react.js': ['react', 'umd/react.production.min.js', 'text/javascript'],
  '/graphiql/react-dom.js': ['react-dom', 'umd/react-dom.production.min.js', 'text/javascript'],
  '/graphiql/graphiql.js': ['graphiql', 'graphiql.min.js', 'text/javascript'],
  '/graphiql/graphiql.css': ['graphiql', 'graphiql.min.css', 'text/css'],
};

/** Sends one of GraphiQL's files. False: the path is none of them. */
export function sendGraphiqlFile(path: string, response: ServerResponse): boolean {
  const found = Object.hasOwn(files, path) ? files[path] : undefined;
  if (found === undefined) return false;
  const [name, file, type] = found;
  response.writeHead(200, { 'content-type': `${type}; charset=utf-8` });
  createReadStream(join(resolve(`${name}/package.json`), '..', file))
    .on('error', (error) => response.destroy(error))
    .pipe(response);
  return true;
}

const script = `
const e = React.createElement;
let last = null;
const listeners = new Set();
const ask = GraphiQL.createFetcher({ url: '/graphql' });

// What was asked last is what the panel explains. GraphiQL itself asks for the schema, which is nobody's query.
function fetcher(request, options) {
  if (request.operationName !== 'IntrospectionQuery') {
    last = JSON.stringify(request);
    for (const listener of listeners) listener(last);
  }
  return ask(request, options);
}

function Plan() {
  const [request, setRequest] = React.useState(last);
  const [page, setPage] = React.useState('');
  React.useEffect(() => {
    listeners.add(setRequest);
    return () => listeners.delete(setRequest);
  }, []);
  React.useEffect(() => {
    if (request === null) return undefined;
    const gone = new AbortController();
    fetch('/plan', { method: 'POST', headers: { 'content-type': 'application/json' }, body: request, signal: gone.signal })
      .then((response) => response.text())
      .then(setPage, (error) => gone.signal.aborted || setPage(String(error)));
    return () => gone.abort();
  }, [request]);
  if (request === null) return e('p', null, 'Run a query: its plan is shown here.');
  return e('iframe', { title: 'The plan', sandbox: 'allow-scripts', srcDoc: page, style: { border: 0, width: '100%', height: 'calc(100vh - 48px)' } });
}

const Icon = () => e('svg', { viewBox: '0 0 20 20', fill: 'none', stroke: 'currentColor', strokeWidth: 1.6 },
  e('path', { d: 'M3 4h5v4H3zM12 4h5v4h-5zM12 12h5v4h-5zM8 6h4M14.5 8v4' }));
const plan = { title: 'Plan', icon: Icon, content: Plan };
const defaultQuery = '{\\n  todoUserByUsername(username: "user7") {\\n    name\\n    todoLists {\\n      name\\n      todoItems {\\n        text\\n        todoItemStatus\\n      }\\n    }\\n  }\\n}\\n';
ReactDOM.createRoot(document.getElementById('graphiql')).render(e(GraphiQL, { fetcher, defaultQuery, plugins: [plan], visiblePlugin: plan }));
`;

export const graphiqlPage: string = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <title>planql: todo</title>
    <link rel="icon" href="data:," />
    <style>body { margin: 0 } #graphiql { height: 100vh }</style>
    <link rel="stylesheet" href="/graphiql/graphiql.css" />
    <style>.graphiql-main > div:has(> .graphiql-plugin iframe) { min-width: min(560px, 44vw) !important } .graphiql-plugin:has(iframe) { padding: 8px 0 0 8px } .graphiql-plugin iframe { display: block }</style>
    <script src="/graphiql/react.js"></script>
    <script src="/graphiql/react-dom.js"></script>
    <script src="/graphiql/graphiql.js"></script>
  </head>
  <body>
    <div id="graphiql">GraphiQL is loading.</div>
    <script>${script}</script>
  </body>
</html>
`;
