/** What several screens have in common. */
import { useLive } from './client.js';

/** A query's data, shown by `children` when it is there. */
export function Answer({ query, variables, children }) {
  const { status, data, errors = [], error } = useLive(query, variables);
  if (status === 'loading') return <p>Loading …</p>;
  if (status === 'failed') return <p role="alert">No answer yet: {String(error)}</p>;
  return data == null ? <p role="alert">{errors.map(({ message }) => message).join(' ')}</p> : children(data);
}

export function Problem({ text }) {
  return text === null ? null : <p role="alert">{text}</p>;
}

export const price = (cents) => (cents / 100).toFixed(2);

/** What somebody writes as a price, in cents. */
export const cents = (text) => Math.round(Number(text) * 100);

/** A form of one field, which is emptied when it is sent. */
export function Field({ label, onSend, ...input }) {
  function submit(event) {
    event.preventDefault();
    const { value } = event.target.elements;
    onSend(value.value);
    value.value = '';
  }
  return (
    <form onSubmit={submit}>
      <input name="value" aria-label={label} placeholder={label} required {...input} />
    </form>
  );
}
