/** The page: lists of one user, kept up to date. */

import { createReactiveClient, webSocket } from 'planql/reactive/client';
import { reactiveHooks } from 'planql/reactive/react';
import { createRoot } from 'react-dom/client';
import { ADD_ITEM, LISTS, REMOVE_ITEM, SET_STATUS } from './operations.js';

let lastChange = Promise.resolve();

/** Changes reach the server in the order of the clicks: requests side by side may overtake each other. */
function fetchInOrder(url, options) {
  if (!JSON.parse(options.body).query?.startsWith('mutation')) return fetch(url, options);
  const answer = lastChange.then(() => fetch(url, options));
  lastChange = answer.catch(() => undefined);
  return answer;
}

const client = createReactiveClient({
  url: '/graphql',
  fetch: fetchInOrder,
  transport: webSocket({ url: `${location.protocol.replace('http', 'ws')}//${location.host}/deps/socket` }),
  onError: (error) => console.warn(error),
});
const { useLive } = reactiveHooks(client);
const id = document.body.dataset.user;

function Page() {
  const { status, data, error } = useLive(LISTS, { id });
  if (status !== 'ready') return <p>{status === 'failed' ? `No answer yet: ${error}` : 'Loading …'}</p>;
  return (
    <>
      <h1>{data.todoUser.name}’s lists</h1>
      <main>
        {data.todoUser.todoLists.map((list) => (
          <List key={list.id} list={list} />
        ))}
      </main>
    </>
  );
}

function List({ list }) {
  const open = list.todoItems.filter(({ todoItemStatus }) => todoItemStatus === 'OPEN').length;
  return (
    <section data-list={list.name}>
      <h2>
        {list.name} <small>{open} open</small>
      </h2>
      <ul>
        {list.todoItems.map((item) => (
          <Item key={item.id} item={item} />
        ))}
      </ul>
      <form onSubmit={(event) => add(event, list)}>
        <input
          type="text"
          name="text"
          required
          maxLength="500"
          placeholder="Something to do"
          aria-label={`Add to ${list.name}`}
        />
      </form>
    </section>
  );
}

function Item({ item }) {
  const isDone = item.todoItemStatus === 'COMPLETED';
  const isNew = item.id.startsWith('new '); // the server has given it no id yet
  return (
    <li className={isDone ? 'done' : ''} data-item={item.text}>
      <input type="checkbox" id={item.id} checked={isDone} disabled={isNew} onChange={() => toggle(item)} />
      <label htmlFor={item.id}>{item.text}</label>
      <button type="button" title="Remove" disabled={isNew} onClick={() => change(REMOVE_ITEM, { id: item.id })}>
        ✕
      </button>
    </li>
  );
}

/** A change that fails is taken back, and told. */
async function change(mutation, variables, optimistic) {
  const notice = document.getElementById('notice');
  try {
    const { errors = [] } = await client.mutate(mutation, variables, { optimistic });
    notice.textContent = errors.map(({ message }) => message).join(' ');
  } catch (error) {
    notice.textContent = `Not saved: ${error.message}`;
  }
}

/** Shown at once, before the server answers. */
function toggle({ id: item, todoItemStatus: status }) {
  const todoItemStatus = status === 'OPEN' ? 'COMPLETED' : 'OPEN';
  void change(SET_STATUS, { id: item, status: todoItemStatus }, (draft) =>
    draft.set({ __typename: 'TodoItem', id: item }, { todoItemStatus }),
  );
}

let added = 0;

function add(event, { id: list }) {
  event.preventDefault();
  const { text } = event.target.elements;
  const item = { __typename: 'TodoItem', id: `new ${++added}`, text: text.value, todoItemStatus: 'OPEN' };
  const withItem = (one) => (one.id === list ? { ...one, todoItems: [...one.todoItems, item] } : one);
  void change(ADD_ITEM, { list, text: text.value }, (draft) =>
    draft.update(LISTS, { id }, ({ todoUser }) => ({
      todoUser: { ...todoUser, todoLists: todoUser.todoLists.map(withItem) },
    })),
  );
  text.value = '';
}

createRoot(document.getElementById('root')).render(<Page />);
