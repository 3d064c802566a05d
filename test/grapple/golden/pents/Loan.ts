import { LoanBase } from '../generated/pents.ts';

/** The business logic of Loan: privacy, hooks around writes, fields of its own. */
export class Loan extends LoanBase {}
