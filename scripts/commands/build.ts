// `npm run build`: compiles everything. The other commands compile by themselves what has changed.
import { build } from '../build.ts';
import { main } from '../progress.ts';

await main(build);
