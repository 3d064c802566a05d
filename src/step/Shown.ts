/** An answer of `authorize`, in place of true: the object may be seen, and another value stands for it. */
export class Shown {
  readonly value: unknown;

  constructor(value: unknown) {
    this.value = value;
  }
}
