/** The properties of something that came from outside, whatever it is: of what is no object, none. */
export function propertiesOf(value: unknown): { readonly [name: string]: unknown } {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
