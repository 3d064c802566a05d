/** Requests to the server. Each throws an error with a message for people. */

export async function post(path, body) {
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(path, { method: 'POST', headers, body: JSON.stringify(body) });
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.message ?? answer.errors?.[0]?.message ?? response.statusText);
  return answer;
}

/** The data of a query or mutation. */
export async function ask(query, variables = {}) {
  const { data, errors } = await post('/graphql', { query, variables });
  if (errors !== undefined) throw new Error(errors.map(({ message }) => message).join(' '));
  return data;
}
