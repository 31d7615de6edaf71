import { invalidInput } from '@chat/shared/http';

const RGI_EMOJI = /^\p{RGI_Emoji}$/v;
const VARIATION_SELECTOR_16 = '\u{fe0f}';
/** A character that is drawn as text unless the selector follows, except before a skin tone, which makes it an emoji, too. */
const TEXT_BY_DEFAULT = /(?:(?!\p{Emoji_Presentation})\p{Emoji})(?!\p{Emoji_Modifier})/gu;
/** The longest sequence has 15 code units; some clients write a selector after each character. */
const MAX_CODE_UNITS = 50;

/**
 * The emoji that a text is, with its variation selectors as Unicode recommends for interchange (RGI, UTS #51), so that one emoji is one reaction
 * although keyboards omit them; null for any other text.
 */
export function emojiOf(text: string): string | null {
  if (text.length > MAX_CODE_UNITS) return null;
  if (RGI_EMOJI.test(text)) return text;
  const emoji = text.replaceAll(VARIATION_SELECTOR_16, '').replace(TEXT_BY_DEFAULT, `$&${VARIATION_SELECTOR_16}`);
  return RGI_EMOJI.test(emoji) ? emoji : null;
}

/** The canonical form of exactly one emoji; any other text is BAD_USER_INPUT. */
export function requireEmoji(text: string): string {
  const emoji = emojiOf(text);
  if (emoji === null) throw invalidInput([{ field: 'emoji', message: 'emoji must be exactly one emoji' }]);
  return emoji;
}
