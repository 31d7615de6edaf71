import { Counter, Gauge } from 'prom-client';

export const mailsSent = new Counter({ name: 'mails_sent_total', help: 'Mails handed over', labelNames: ['purpose'] });
export const mailAttemptsFailed = new Counter({
  name: 'mail_attempts_failed_total',
  help: 'Attempts to send a mail that failed',
  labelNames: ['purpose'],
});
export const mailsPending = new Gauge({ name: 'mails_pending', help: 'Mails asked for and not sent yet, as the last sender saw it' });
