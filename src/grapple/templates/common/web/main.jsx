/** The page: people sign in, then see what home.jsx shows. */
import { parse } from 'graphql';
import { createRoot } from 'react-dom/client';
import { Account, reload } from './account.jsx';
import { post } from './api.js';
import { useLive } from './client.js';
import { Home } from './home.jsx';

const ME = parse('query Me { me { id name } }');

function Page() {
  const { status, data, error } = useLive(ME);
  if (status !== 'ready') return <p role="alert">{status === 'failed' ? `No answer yet: ${error}` : 'Loading …'}</p>;
  if (data.me === null) return <Account />;
  const signOut = (path) => () => post(path, {}).then(reload, reload);
  return (
    <>
      <header>
        <h1>{data.me.name}</h1>
        <button type="button" onClick={signOut('/auth/sign-out')}>
          Sign out
        </button>
        <button type="button" onClick={signOut('/auth/sign-out-everywhere')}>
          Sign out everywhere
        </button>
      </header>
      <Home viewer={data.me} />
    </>
  );
}

createRoot(document.getElementById('root')).render(<Page />);
