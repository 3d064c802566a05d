/** The lists of the viewer. */
import { useCallback, useEffect, useState } from 'react';
import { ask } from './api.js';

const LISTS = 'query ($id: UUID!) { todoUser(id: $id) { todoLists { id name todoItems { id text todoItemStatus } } } }';
const ADD_LIST =
  'mutation ($name: String!, $owner: UUID!) { createTodoList(data: { name: $name, owner: $owner }) { todoList { id } } }';
const ADD_ITEM =
  'mutation ($text: String!, $todoList: UUID!) { createTodoItem(data: { text: $text, todoList: $todoList }) { todoItem { id } } }';
const SET_STATUS =
  'mutation ($id: UUID!, $status: TodoItemStatus!) { updateTodoItem(id: $id, data: { todoItemStatus: $status }) { todoItem { id } } }';

export function Home({ viewer }) {
  const [lists, setLists] = useState(null);
  const [error, setError] = useState(null);
  const load = useCallback(
    () => ask(LISTS, { id: viewer.id }).then(({ todoUser }) => setLists(todoUser.todoLists), setError),
    [viewer.id],
  );
  useEffect(() => void load(), [load]);
  const change = (mutation, variables) => ask(mutation, variables).then(load, setError);
  if (lists === null) return <p>Loading …</p>;
  return (
    <>
      {error !== null && <p role="alert">{error.message}</p>}
      <main>
        {lists.map((list) => (
          <List key={list.id} list={list} change={change} />
        ))}
        <section>
          <Add label="New list" onAdd={(name) => change(ADD_LIST, { name, owner: viewer.id })} />
        </section>
      </main>
    </>
  );
}

function List({ list, change }) {
  return (
    <section data-list={list.name}>
      <h2>{list.name}</h2>
      <ul>
        {list.todoItems.map(({ id, text, todoItemStatus }) => {
          const isDone = todoItemStatus === 'COMPLETED';
          const toggle = () => change(SET_STATUS, { id, status: isDone ? 'OPEN' : 'COMPLETED' });
          return (
            <li key={id} className={isDone ? 'done' : ''}>
              <input type="checkbox" id={id} checked={isDone} onChange={toggle} />
              <label htmlFor={id}>{text}</label>
            </li>
          );
        })}
      </ul>
      <Add label={`Add to ${list.name}`} onAdd={(text) => change(ADD_ITEM, { text, todoList: list.id })} />
    </section>
  );
}

function Add({ label, onAdd }) {
  function submit(event) {
    event.preventDefault();
    const { text } = event.target.elements;
    onAdd(text.value);
    text.value = '';
  }
  return (
    <form onSubmit={submit}>
      <input name="text" aria-label={label} placeholder={label} required maxLength={500} />
    </form>
  );
}
