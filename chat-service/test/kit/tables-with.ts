import type { Chat } from './chat.js';

/** The tables that contain a text or an id. */
export async function tablesWith(chat: Chat, text: string): Promise<string[]> {
  const found: string[] = [];
  for (const { name } of await chat.rows<{ name: string }>(
    `select table_name as name from information_schema.tables where table_schema = 'chat' order by 1`,
  ))
    if ((await chat.rows(`select 1 from "${name}" t where strpos(t::text, $1) > 0 limit 1`, [text])).length > 0) found.push(name);
  return found;
}
