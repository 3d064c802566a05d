/** No event, message or answer to a poll has more characters. */
export const MAX_MESSAGE: number = 1 << 20;

/**
 * Gives the text of a body to `take`, piece by piece, until the body ends. `take` returns how many characters are kept. Where
 * these are too many, it is an error, and the body is not read to its end.
 */
export async function readText(response: Response, maxLength: number, take: (text: string) => number): Promise<void> {
  const check = (text: string): void => {
    if (take(text) > maxLength) throw tooLong(maxLength, response.url);
  };
  const reader = response.body?.getReader();
  if (!reader) return check(await response.text()); // a platform without streams
  const decoder = new TextDecoder();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      check(decoder.decode(value, { stream: true }));
    }
  } finally {
    reader.cancel().catch(() => undefined);
  }
}

export function tooLong(maxLength: number, url: string): Error {
  return new Error(`${url} sent more than ${maxLength} characters.`);
}

/** The text of a body. */
export async function textOf(response: Response, maxLength: number): Promise<string> {
  let whole = '';
  await readText(response, maxLength, (text) => {
    whole += text;
    return whole.length;
  });
  return whole;
}
