/** What is new: the number of unread notifications, and where they lead. */
import { parse } from 'graphql';
import { useState } from 'react';
import { useChange, useLive } from './client.js';

const UNREAD = parse(/* GraphQL */ `
  query Unread {
    me {
      id
      unread(first: 10) {
        totalCount
        nodes {
          id
          about {
            __typename
            ... on Conversation {
              id
            }
            ... on Offer {
              id
              status
              listing {
                id
              }
            }
            ... on Review {
              id
              stars
            }
          }
        }
      }
    }
  }
`);
const READ = parse(/* GraphQL */ `
  mutation Read($id: UUID!, $readAt: DateTime!) {
    updateNotification(id: $id, data: { readAt: $readAt }) {
      notification {
        id
      }
    }
  }
`);

export function Bell() {
  const { status, data } = useLive(UNREAD);
  const [change] = useChange();
  const [isOpen, setOpen] = useState(false);
  if (status !== 'ready' || data.me === null) return null;
  const { totalCount, nodes } = data.me.unread;
  function read(id, about) {
    change(READ, { id, readAt: new Date().toISOString() });
    location.hash = placeOf(about);
    setOpen(false);
  }
  return (
    <span className="bell">
      <button type="button" aria-label="Notifications" data-unread={totalCount} onClick={() => setOpen(!isOpen)}>
        🔔 {totalCount}
      </button>
      {isOpen && (
        <ul>
          {nodes.map(({ id, about }) => (
            <li key={id}>
              <button type="button" onClick={() => read(id, about)}>
                {textOf(about)}
              </button>
            </li>
          ))}
        </ul>
      )}
    </span>
  );
}

function textOf(about) {
  switch (about?.__typename) {
    case 'Conversation':
      return 'A message';
    case 'Offer':
      return about.status === 'OPEN' ? 'An offer' : `An offer was ${about.status.toLowerCase()}`;
    case 'Review':
      return `A review: ${about.stars} stars`;
    default:
      return 'Something that is gone';
  }
}

function placeOf(about) {
  if (about?.__typename === 'Conversation') return `#/talk/${about.id}`;
  return about?.listing ? `#/listing/${about.listing.id}` : '#/';
}
