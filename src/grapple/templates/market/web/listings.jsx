/** The feed, the search, and the form that offers something for sale. */
import { parse } from 'graphql';
import { useState } from 'react';
import { useChange } from './client.js';
import { Answer, cents, Problem, price } from './parts.jsx';

const FEED = parse(/* GraphQL */ `
  query Feed {
    feed(first: 20) {
      nodes {
        id
        title
        priceCents
        photos
        isFavourite
        seller {
          id
          name
        }
      }
    }
  }
`);
const SEARCH = parse(/* GraphQL */ `
  query Search($category: UUID!, $order: SearchOrder!, $price: IntRange) {
    search(category: $category, order: $order, price: $price, first: 50) {
      nodes {
        id
        title
        priceCents
        photos
        isFavourite
        seller {
          id
          name
        }
      }
      totalCount
    }
  }
`);
const CATEGORIES = parse(/* GraphQL */ `
  query Categories {
    categories(first: 50) {
      id
      name
    }
  }
`);
const MINE = parse(/* GraphQL */ `
  query Mine {
    me {
      id
      user {
        id
      }
    }
    categories(first: 50) {
      id
      name
    }
  }
`);
const SELL = parse(/* GraphQL */ `
  mutation Sell($data: CreateListingData!) {
    createListing(data: $data) {
      listing {
        id
      }
    }
  }
`);

export function Feed() {
  return <Answer query={FEED}>{({ feed }) => <Cards listings={feed.nodes} />}</Answer>;
}

function Cards({ listings }) {
  return (
    <main>
      {listings.map(({ id, title, priceCents, photos, isFavourite, seller }) => (
        <section key={id} data-listing={title}>
          {photos.length > 0 && <img src={photos[0]} alt="" />}
          <h2>
            <a href={`#/listing/${id}`}>{title}</a> {isFavourite && '★'}
          </h2>
          <p>
            {price(priceCents)}, by {seller.name}
          </p>
        </section>
      ))}
    </main>
  );
}

const orders = { CHEAPEST: 'Cheapest', DEAREST: 'Dearest', NEWEST: 'Newest' };

export function Search() {
  return <Answer query={CATEGORIES}>{({ categories }) => <SearchIn categories={categories} />}</Answer>;
}

function SearchIn({ categories }) {
  const [asked, setAsked] = useState({ category: categories[0]?.id, order: 'CHEAPEST', price: null });
  function submit(event) {
    event.preventDefault();
    const { category, order, from, to } = Object.fromEntries(new FormData(event.target));
    const within = { ...(from !== '' && { from: cents(from) }), ...(to !== '' && { to: cents(to) }) };
    // Only lists by price take bounds.
    setAsked({ category, order, price: order === 'NEWEST' ? null : within });
  }
  return (
    <>
      <form className="row" onSubmit={submit}>
        <Categories all={categories} />
        <select name="order" aria-label="Order">
          {Object.entries(orders).map(([order, text]) => (
            <option key={order} value={order}>
              {text}
            </option>
          ))}
        </select>
        <input name="from" type="number" step="0.01" min="0" placeholder="from" aria-label="Least price" />
        <input name="to" type="number" step="0.01" min="0" placeholder="to" aria-label="Highest price" />
        <button type="submit">Search</button>
      </form>
      <Answer query={SEARCH} variables={asked}>
        {({ search }) => (
          <>
            <p>{search.totalCount} found</p>
            <Cards listings={search.nodes} />
          </>
        )}
      </Answer>
    </>
  );
}

function Categories({ all }) {
  return (
    <select name="category" aria-label="Category">
      {all.map(({ id, name }) => (
        <option key={id} value={id}>
          {name}
        </option>
      ))}
    </select>
  );
}

export function Sell() {
  const [change, problem] = useChange();
  const [notice, setNotice] = useState(null);
  async function submit(event, seller) {
    event.preventDefault();
    const { title, category, amount, photo } = Object.fromEntries(new FormData(event.target));
    try {
      const photos = photo.size > 0 ? [await upload(photo)] : [];
      const data = { title, category, priceCents: cents(amount), photos, seller, status: 'OPEN' };
      const made = await change(SELL, { data });
      if (made !== null) location.hash = `#/listing/${made.createListing.listing.id}`;
    } catch (error) {
      setNotice(error.message);
    }
  }
  return (
    <Answer query={MINE}>
      {({ me, categories }) => (
        <form className="account" onSubmit={(event) => submit(event, me.user.id)}>
          <input name="title" placeholder="What is it?" required maxLength={100} />
          <input name="amount" type="number" step="0.01" min="0" placeholder="Price" required />
          <Categories all={categories} />
          <input name="photo" type="file" accept="image/png,image/jpeg,image/webp" aria-label="Photo" />
          <button type="submit">Sell</button>
          <Problem text={problem ?? notice} />
        </form>
      )}
    </Answer>
  );
}

/** The address of an uploaded file. */
async function upload(file) {
  const response = await fetch('/files', { method: 'POST', headers: { 'content-type': file.type }, body: file });
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.errors?.[0]?.message ?? answer.message);
  return answer.url;
}
