import { UserBase } from '../generated/pents.ts';

/** What others see of somebody. Its private things are its account's. */
export class User extends UserBase {}
