/** The query of a request as the client sent it, with the question mark. The path is not used: clients can spell it in many ways, absolute URLs included. */
export function queryOf({ url }: { url: string }): string {
  const start = url.indexOf('?');
  return start < 0 ? '' : url.slice(start);
}
