/** What the viewer sees. Begin here. */
export function Home({ viewer }) {
  return <p>You are signed in, {viewer.name}. Change web/home.jsx and schema/schema.graphql.</p>;
}
