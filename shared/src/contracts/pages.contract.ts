/** A numbered page of a list. `page` counts from 1; `totalPages` is 0 for an empty list. */
export interface Paginated<T> {
  data: T[];
  total: number;
  page: number;
  limit: number;
  totalPages: number;
}

/** Creates a page; `total` is the number of items of all pages. */
export function paginated<T>(data: T[], total: number, page: number, limit: number): Paginated<T> {
  return { data, total, page, limit, totalPages: Math.ceil(total / limit) };
}
