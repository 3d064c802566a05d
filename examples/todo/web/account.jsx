/** Sign-in, sign-up, and another password for one that was forgotten. */
import { useState } from 'react';
import { post } from './api.js';

/** Another viewer sees another page: nothing of the first one stays. */
export const reload = () => location.reload();

const forms = {
  'sign-in': { title: 'Sign in', fields: ['login', 'password'], others: ['sign-up', 'forgot'] },
  'sign-up': { title: 'Sign up', fields: ['login', 'new-password', 'name', 'email'], others: ['sign-in'] },
  forgot: { title: 'Forgotten password', fields: ['login'], others: ['sign-in'] },
  reset: { title: 'Another password', fields: ['new-password'], others: ['sign-in'] },
};

const fields = {
  login: { name: 'login', placeholder: 'Login', autoComplete: 'username', required: true, maxLength: 100 },
  password: {
    name: 'password',
    type: 'password',
    placeholder: 'Password',
    autoComplete: 'current-password',
    required: true,
  },
  'new-password': {
    ...{ name: 'password', type: 'password', placeholder: 'Password', autoComplete: 'new-password' },
    ...{ required: true, minLength: 10, maxLength: 200 },
  },
  name: { name: 'name', placeholder: 'Name', autoComplete: 'name', required: true, maxLength: 100 },
  email: {
    name: 'email',
    type: 'email',
    placeholder: 'Mail, for a forgotten password (optional)',
    autoComplete: 'email',
  },
};

/** The token of a letter's link. */
const token = new URLSearchParams(location.hash.slice(1)).get('reset');

export function Account() {
  const [kind, setKind] = useState(token === null ? 'sign-in' : 'reset');
  const [notice, setNotice] = useState(null);
  const { title, fields: names, others } = forms[kind];
  async function submit(event) {
    event.preventDefault();
    const body = Object.fromEntries(new FormData(event.target));
    try {
      const { message } = await post(`/auth/${kind}`, { ...body, ...(kind === 'reset' && { token }) });
      if (kind === 'forgot') return setNotice(message);
      history.replaceState(null, '', '/');
      reload();
    } catch (error) {
      setNotice(error.message);
    }
  }
  return (
    <form className="account" onSubmit={submit}>
      <h1>{title}</h1>
      {names.map((name) => (
        <input key={name} {...fields[name]} />
      ))}
      <button type="submit">{title}</button>
      {others.map((other) => (
        <button key={other} type="button" onClick={() => setKind(other)}>
          {forms[other].title}
        </button>
      ))}
      {notice !== null && <p role="alert">{notice}</p>}
    </form>
  );
}
