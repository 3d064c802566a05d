/** A listing with its offers: a buyer makes one, and the seller answers them. */
import { parse } from 'graphql';
import { useChange } from './client.js';
import { Answer, cents, Field, Problem, price } from './parts.jsx';

const LISTING = parse(/* GraphQL */ `
  query Listing($id: UUID!) {
    me {
      id
      user {
        id
        inbox(first: 50) {
          nodes {
            id
            listing {
              id
            }
          }
        }
      }
    }
    listing(id: $id) {
      id
      title
      priceCents
      status
      photos
      offerCount
      isFavourite
      seller {
        id
        name
      }
      offers(first: 40) {
        nodes {
          id
          amountCents
          status
          buyer {
            id
            name
          }
        }
      }
    }
  }
`);
const OFFER = parse(/* GraphQL */ `
  mutation MakeOffer($data: CreateOfferData!) {
    createOffer(data: $data) {
      offer {
        id
      }
    }
  }
`);
const ANSWER = parse(/* GraphQL */ `
  mutation AnswerOffer($id: UUID!, $status: OfferStatus!) {
    updateOffer(id: $id, data: { status: $status }) {
      offer {
        id
      }
    }
  }
`);
const LIKE = parse(/* GraphQL */ `
  mutation Like($from: UUID!, $to: UUID!) {
    addFavourite(from: $from, to: $to) {
      account {
        id
      }
    }
  }
`);
const UNLIKE = parse(/* GraphQL */ `
  mutation Unlike($from: UUID!, $to: UUID!) {
    removeFavourite(from: $from, to: $to) {
      account {
        id
      }
    }
  }
`);
const BEGIN = parse(/* GraphQL */ `
  mutation Begin($data: CreateConversationData!) {
    createConversation(data: $data) {
      conversation {
        id
      }
    }
  }
`);

export function Listing({ id }) {
  return (
    <Answer query={LISTING} variables={{ id }}>
      {({ me, listing }) => (listing === null ? <p>It is gone.</p> : <Shown me={me} listing={listing} />)}
    </Answer>
  );
}

function Shown({ me, listing }) {
  const [change, problem] = useChange();
  const { id, title, priceCents, status, photos, offerCount, isFavourite, seller, offers } = listing;
  const isMine = seller.id === me.user.id;
  const talk = me.user.inbox.nodes.find((one) => one.listing?.id === id);
  async function write() {
    const made = await change(BEGIN, { data: { listing: id, buyer: me.user.id } });
    if (made !== null) location.hash = `#/talk/${made.createConversation.conversation.id}`;
  }
  const offer = (amount) => change(OFFER, { data: { amountCents: cents(amount), listing: id, buyer: me.user.id } });
  return (
    <section data-status={status}>
      <h2>{title}</h2>
      {photos.map((photo) => (
        <img key={photo} src={photo} alt="" />
      ))}
      <p>
        {price(priceCents)}, by {seller.name}. {status}. {offerCount} offers.
      </p>
      <Problem text={problem} />
      <p>
        <button type="button" onClick={() => change(isFavourite ? UNLIKE : LIKE, { from: me.id, to: id })}>
          {isFavourite ? '★ Forget' : '☆ Remember'}
        </button>
        {talk !== undefined && <a href={`#/talk/${talk.id}`}>Your conversation</a>}
        {talk === undefined && !isMine && (
          <button type="button" onClick={write}>
            Write to {seller.name}
          </button>
        )}
      </p>
      <ul>
        {offers.nodes.map((one) => (
          <li key={one.id} data-offer={one.status}>
            {price(one.amountCents)} by {one.buyer.name}: {one.status}
            {isMine && one.status === 'OPEN' && (
              <>
                <button type="button" onClick={() => change(ANSWER, { id: one.id, status: 'ACCEPTED' })}>
                  Accept
                </button>
                <button type="button" onClick={() => change(ANSWER, { id: one.id, status: 'DECLINED' })}>
                  Decline
                </button>
              </>
            )}
          </li>
        ))}
      </ul>
      {!isMine && status === 'OPEN' && <Field label="Your offer" type="number" step="0.01" min="0.01" onSend={offer} />}
    </section>
  );
}
