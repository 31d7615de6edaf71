import { newInternalKeyVariables } from '../config/internal-key-pair.js';

console.log(newInternalKeyVariables(process.argv[2]));
