/** The lists of the viewer: what is changed in one window is seen in all of them. */
import { parse } from 'graphql';
import { useChange, useLive } from './client.js';

const LISTS = parse(/* GraphQL */ `
  query Lists($id: UUID!) {
    todoUser(id: $id) {
      id
      todoLists {
        id
        name
        todoItems {
          id
          text
          todoItemStatus
        }
      }
    }
  }
`);
const ADD_LIST = parse(/* GraphQL */ `
  mutation AddList($name: String!, $owner: UUID!) {
    createTodoList(data: { name: $name, owner: $owner }) {
      todoList {
        id
      }
    }
  }
`);
const ADD_ITEM = parse(/* GraphQL */ `
  mutation AddItem($text: String!, $todoList: UUID!) {
    createTodoItem(data: { text: $text, todoList: $todoList }) {
      todoItem {
        id
      }
    }
  }
`);
const SET_STATUS = parse(/* GraphQL */ `
  mutation SetStatus($id: UUID!, $status: TodoItemStatus!) {
    updateTodoItem(id: $id, data: { todoItemStatus: $status }) {
      todoItem {
        id
      }
    }
  }
`);

export function Home({ viewer }) {
  const { status, data, error } = useLive(LISTS, { id: viewer.id });
  const [change, problem] = useChange();
  if (status !== 'ready') return <p>{status === 'failed' ? `No answer yet: ${error}` : 'Loading …'}</p>;
  return (
    <>
      {problem !== null && <p role="alert">{problem}</p>}
      <main>
        {data.todoUser.todoLists.map((list) => (
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
        {list.todoItems.map((item) => (
          <Item key={item.id} item={item} change={change} />
        ))}
      </ul>
      <Add label={`Add to ${list.name}`} onAdd={(text) => change(ADD_ITEM, { text, todoList: list.id })} />
    </section>
  );
}

function Item({ item: { id, text, todoItemStatus }, change }) {
  const isDone = todoItemStatus === 'COMPLETED';
  const status = isDone ? 'OPEN' : 'COMPLETED';
  // Shown at once, before the server answers; taken back where it refuses.
  const optimistic = (draft) => draft.set({ __typename: 'TodoItem', id }, { todoItemStatus: status });
  return (
    <li className={isDone ? 'done' : ''} data-item={text}>
      <input
        type="checkbox"
        id={id}
        checked={isDone}
        onChange={() => change(SET_STATUS, { id, status }, { optimistic })}
      />
      <label htmlFor={id}>{text}</label>
    </li>
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
