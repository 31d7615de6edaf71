import { Counter, Gauge } from 'prom-client';

export const mailsSent = new Counter({
  name: 'mails_sent_total',
  help: 'Mails that were accepted by the mail server',
  labelNames: ['purpose'],
});
export const mailAttemptsFailed = new Counter({
  name: 'mail_attempts_failed_total',
  help: 'Failed attempts to send a mail',
  labelNames: ['purpose'],
});
export const mailsPending = new Gauge({
  name: 'mails_pending',
  help: 'Requested mails that are not sent yet, at the last run of the sender',
});
export const mailsWithheld = new Counter({
  name: 'mails_withheld_total',
  help: 'Mails that were not sent because the rate limit of the recipient or of the requester is reached',
  labelNames: ['purpose'],
});
