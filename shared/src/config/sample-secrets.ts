/** The words of passwords that documents, examples and defaults have. */
const SAMPLE_WORDS =
  'a|admin|and|api|at|auth|base|bearer|bytes|change|characters|chat|chatbot|client|db|default|demo|dev|development|docker|dummy|env|example|facebook|file|foo|for|generate|github|google|guest|hello|here|hex|in|insert|insecure|internal|is|it|jwt|kafka|key|least|letmein|local|localhost|long|machine|mail|me|metrics|min|minimum|my|of|on|only|openssl|pass|passwd|password|please|pg|postgres|postgresql|prod|production|put|pwd|qwerty|qwertyuiop|rand|random|redis|replace|role|root|safe|sample|sasl|secret|sentinel|service|signing|smtp|some|something|string|super|test|tests|testing|that|the|this|to|todo|token|use|user|value|very|with|welcome|your';
const ONLY_SAMPLE_WORDS = new RegExp(`^(${SAMPLE_WORDS})+$`);
/** Longer texts are keys; the expression above would need much time for them. */
const MAX_LENGTH = 200;
/** The share of characters that follow from the one before, as in aaaa or 1234. */
const MAX_PREDICTABLE = 0.7;

/**
 * Whether a secret is known from documents, examples and defaults, or guessed at once: it has only words of such samples, with a few digits, repeats
 * itself, or counts. Of an address, its password counts.
 */
export function isSampleSecret(text: string): boolean {
  const value = /^[a-z]+:\/\//i.test(text) && URL.canParse(text) ? passwordIn(text) : text;
  if (value === '' || value.length > MAX_LENGTH) return false;
  const letters = value.toLowerCase().replaceAll(/[^a-z]/g, '');
  return (letters.length * 2 > value.length && ONLY_SAMPLE_WORDS.test(letters)) || /^(.+?)\1+$/s.test(value) || isPredictable(value);
}

function passwordIn(url: string): string {
  const { password } = new URL(url);
  try {
    return decodeURIComponent(password);
  } catch {
    return password;
  }
}

function isPredictable(value: string): boolean {
  const steps = Array.from(value.slice(1), (_, index) => value.charCodeAt(index + 1) - value.charCodeAt(index));
  return steps.length > 0 && steps.filter((step) => Math.abs(step) <= 1).length / steps.length > MAX_PREDICTABLE;
}
