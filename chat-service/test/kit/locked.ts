import type { Chat } from './chat.js';

/** Runs `work` while another transaction is open that has executed `statement`, and holds the locks of it. Returns what `work` returned. */
export async function locked<T>(
  chat: Chat,
  [statement, values]: readonly [string, readonly unknown[]],
  work: () => Promise<T>,
  end: 'commit' | 'rollback' = 'rollback',
): Promise<T> {
  const connection = await chat.sql.connect();
  try {
    await connection.query('begin');
    await connection.query(statement, [...values]);
    return await work();
  } finally {
    await connection.query(end);
    connection.release();
  }
}
