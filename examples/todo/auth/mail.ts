/** How letters leave. Written once: change it as you like. */
import type { Settings } from '../settings.ts';

export interface Letter {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
}

/** Sends letters: through SMTP (the package nodemailer), or the API of a mail service. */
export interface Mailer {
  send(letter: Letter): Promise<void>;
}

/** Null: nothing sends letters, so that forgotten passwords cannot be replaced. */
export function openMailer({ isProduction }: Settings): Mailer | null {
  if (isProduction) return null; // put the mailer of your service here
  return {
    async send({ to, subject, text }) {
      console.log(`To: ${to}\nSubject: ${subject}\n\n${text}\n`);
    },
  };
}
