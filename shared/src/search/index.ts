export { isSearchable, searchText, SEPARATOR } from './search-text.js';
