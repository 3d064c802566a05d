/** Requests that are no GraphQL: accounts. Throws an error with a message for people. */
export async function post(path, body) {
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(path, { method: 'POST', headers, body: JSON.stringify(body) });
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.message ?? answer.errors?.[0]?.message ?? response.statusText);
  return answer;
}
