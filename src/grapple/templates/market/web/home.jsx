/** The screens of the market, by the hash of the address. */
import { useEffect, useState } from 'react';
import { Bell } from './bell.jsx';
import { Listing } from './listing.jsx';
import { Feed, Search, Sell } from './listings.jsx';
import './market.css';
import { Inbox, Talk } from './talks.jsx';

const screens = { '': Feed, search: Search, sell: Sell, listing: Listing, inbox: Inbox, talk: Talk };

export function Home({ viewer }) {
  const [, name = '', id = ''] = useHash().split('/');
  const Screen = screens[name] ?? Feed;
  return (
    <>
      <nav>
        <a href="#/">New</a>
        <a href="#/search">Search</a>
        <a href="#/sell">Sell</a>
        <a href="#/inbox">Inbox</a>
        <Bell />
      </nav>
      <Screen key={`${name}/${id}`} id={id} viewer={viewer} />
    </>
  );
}

function useHash() {
  const [hash, setHash] = useState(location.hash);
  useEffect(() => {
    const read = () => setHash(location.hash);
    addEventListener('hashchange', read);
    return () => removeEventListener('hashchange', read);
  }, []);
  return hash;
}
