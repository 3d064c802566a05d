/** Facts for starting ahead, of loaders that are asked again in their turn, as their answers are remembered below them. */
export interface AheadTraits {
  /** The attribute with a list of objects whose ids the loader knows before it has them; null for none. */
  readonly idsOf: string | null;
  /** Whether loaded values hold no promises. */
  readonly givesData: boolean;
  /** Whether nothing is gained, as answers come at once. */
  // biome-ignore lint/suspicious/noExplicitAny: the context has the application's type
  readonly answersAtOnce: (context: any) => boolean;
}

/** By loader. */
export const aheadTraits: WeakMap<object, AheadTraits> = new WeakMap();
