import { SellerBase } from '../generated/pents.ts';

/** The business logic of Seller: privacy, hooks around writes, fields of its own. */
export class Seller extends SellerBase {}
