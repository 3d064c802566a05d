/** The page: people sign in, then see what home.jsx shows. */
import { useEffect, useState } from 'react';
import { createRoot } from 'react-dom/client';
import { ask, post } from './api.js';
import { Home } from './home.jsx';

function Page() {
  const [viewer, setViewer] = useState(undefined);
  const [error, setError] = useState(null);
  useEffect(() => {
    ask('{ me { id name } }').then(({ me }) => setViewer(me), setError);
  }, []);
  if (error !== null) return <p role="alert">{error.message}</p>;
  if (viewer === undefined) return <p>Loading …</p>;
  if (viewer === null) return <Account />;
  return (
    <>
      <header>
        <h1>{viewer.name}</h1>
        <button type="button" onClick={() => post('/auth/sign-out', {}).then(reload, setError)}>
          Sign out
        </button>
      </header>
      <Home viewer={viewer} />
    </>
  );
}

function Account() {
  const [isNew, setIsNew] = useState(false);
  const [error, setError] = useState(null);
  function submit(event) {
    event.preventDefault();
    const fields = Object.fromEntries(new FormData(event.target));
    post(isNew ? '/auth/sign-up' : '/auth/sign-in', fields).then(reload, setError);
  }
  return (
    <form className="account" onSubmit={submit}>
      <h1>{isNew ? 'Sign up' : 'Sign in'}</h1>
      <input name="login" placeholder="Login" autoComplete="username" required minLength={3} maxLength={100} />
      <input
        name="password"
        type="password"
        placeholder="Password"
        autoComplete={isNew ? 'new-password' : 'current-password'}
        required
        minLength={10}
        maxLength={200}
      />
      {isNew && <input name="name" placeholder="Name" autoComplete="name" required maxLength={100} />}
      <button type="submit">{isNew ? 'Sign up' : 'Sign in'}</button>
      <button type="button" onClick={() => setIsNew(!isNew)}>
        {isNew ? 'I have an account' : 'I am new here'}
      </button>
      {error !== null && <p role="alert">{error.message}</p>}
    </form>
  );
}

/** Another viewer sees another page: nothing of the first one stays. */
const reload = () => location.reload();

createRoot(document.getElementById('root')).render(<Page />);
