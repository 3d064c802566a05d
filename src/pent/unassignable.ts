/**
 * A prototype: objects that inherit from it throw where an assignment would add a property. An assignment that finds no
 * setter goes up the chain, and ends here. Freezing each instance instead costs half of making one (decision pent-instances).
 */
export const unassignable: object = Object.create(
  new Proxy(
    {},
    {
      set(_target, name, _value, receiver: object) {
        const { name: type } = receiver.constructor;
        throw new TypeError(`Cannot set "${String(name)}" of this ${type}: it is read-only. Write with updatePent.`);
      },
    },
  ),
  // Names that are looked for in every value: nobody has to ask the proxy for them.
  // biome-ignore lint/suspicious/noThenProperty: it is undefined
  { then: { value: undefined }, toJSON: { value: undefined } },
);
