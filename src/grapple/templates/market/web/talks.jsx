/** Conversations: the inbox, and a chat that shows each message when it is written. */
import { parse } from 'graphql';
import { useChange } from './client.js';
import { Answer, Field, Problem } from './parts.jsx';

const INBOX = parse(/* GraphQL */ `
  query Inbox {
    me {
      id
      user {
        id
        inbox(first: 50) {
          nodes {
            id
            listing {
              id
              title
            }
            buyer {
              id
              name
            }
            seller {
              id
              name
            }
            messages(last: 1) {
              nodes {
                id
                text
              }
            }
          }
        }
      }
    }
  }
`);
const TALK = parse(/* GraphQL */ `
  query Talk($id: UUID!) {
    me {
      id
      user {
        id
      }
    }
    conversation(id: $id) {
      id
      listing {
        id
        title
      }
      buyer {
        id
        name
        isBlocked
      }
      seller {
        id
        name
        isBlocked
      }
      messages(last: 30) {
        nodes {
          id
          text
          author {
            id
            name
          }
        }
      }
    }
  }
`);
const SAY = parse(/* GraphQL */ `
  mutation Say($text: String!, $conversation: UUID!) {
    createMessage(data: { text: $text, conversation: $conversation }) {
      message {
        id
      }
    }
  }
`);
const BLOCK = parse(/* GraphQL */ `
  mutation Block($from: UUID!, $to: UUID!) {
    block(from: $from, to: $to) {
      account {
        id
      }
    }
  }
`);
const UNBLOCK = parse(/* GraphQL */ `
  mutation Unblock($from: UUID!, $to: UUID!) {
    unblock(from: $from, to: $to) {
      account {
        id
      }
    }
  }
`);

const otherOf = ({ buyer, seller }, user) => (buyer.id === user ? seller : buyer);

export function Inbox() {
  return (
    <Answer query={INBOX}>
      {({ me }) => (
        <ul className="inbox">
          {me.user.inbox.nodes.map((talk) => (
            <li key={talk.id}>
              <a href={`#/talk/${talk.id}`}>
                {otherOf(talk, me.user.id).name}, {talk.listing?.title ?? 'of something that is gone'}
              </a>
              {talk.messages.nodes[0]?.text}
            </li>
          ))}
        </ul>
      )}
    </Answer>
  );
}

export function Talk({ id }) {
  return (
    <Answer query={TALK} variables={{ id }}>
      {({ me, conversation }) =>
        conversation === null ? <p>There is no such conversation.</p> : <Chat me={me} talk={conversation} />
      }
    </Answer>
  );
}

function Chat({ me, talk }) {
  const [change, problem] = useChange();
  const other = otherOf(talk, me.user.id);
  return (
    <section className="chat">
      <h2>
        {other.name}
        {talk.listing !== null && <a href={`#/listing/${talk.listing.id}`}>{talk.listing.title}</a>}
      </h2>
      <ul>
        {talk.messages.nodes.map(({ id, text, author }) => (
          <li key={id} className={author.id === me.user.id ? 'mine' : ''} data-message={text}>
            {text}
          </li>
        ))}
      </ul>
      <Problem text={problem} />
      <Field label="Message" maxLength={2000} onSend={(text) => change(SAY, { text, conversation: talk.id })} />
      <button type="button" onClick={() => change(other.isBlocked ? UNBLOCK : BLOCK, { from: me.id, to: other.id })}>
        {other.isBlocked ? 'Unblock' : 'Block'}
      </button>
    </section>
  );
}
