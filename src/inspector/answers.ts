/** A visitor without access does not learn that there is an inspector. */
export function notFound(): Response {
  return answer(404, 'text/plain; charset=utf-8', 'Not found.');
}

export function json(status: number, body: object): Response {
  return answer(status, 'application/json', JSON.stringify(body));
}

/** An answer that is not cached, and that no other site may read. */
export function answer(
  status: number,
  type: string,
  body: string,
  headers: Readonly<Record<string, string>> = {},
): Response {
  return new Response(body, {
    status,
    headers: {
      'content-type': type,
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-resource-policy': 'same-origin',
      ...headers,
    },
  });
}
