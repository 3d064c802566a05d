import { allowIf, denyAll, type Policy } from 'planql/pent';
import { ProductBase } from '../generated/pents.ts';

/** The viewer is the id of a seller, or null. */
type Viewer = string | null;

export class Product extends ProductBase {
  static override readonly privacy: Policy<Product, Viewer> = {
    read: [
      allowIf('for sale', ({ isDraft }) => !isDraft),
      allowIf('own draft', ({ sellerId }, { viewer }) => sellerId === viewer),
      denyAll,
    ],
    write: [denyAll],
  };
}
