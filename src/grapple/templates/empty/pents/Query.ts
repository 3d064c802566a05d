/** The fields of Query that are written by hand. */
export class Query {
  static ping(): string {
    return 'pong';
  }
}
