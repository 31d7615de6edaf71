import { writeFile } from 'node:fs/promises';
import { emitSchema } from './emit-schema.js';

/** `npm run generate -w @chat/api-gateway`: writes the committed SDL anew. */
await writeFile(new URL('../schema.graphql', import.meta.url), await emitSchema());
