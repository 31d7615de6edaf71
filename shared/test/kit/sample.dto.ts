import { IsText } from '../../src/http/index.js';

export class SampleDto {
  @IsText({ min: 1, max: 10_000 })
  name: string;
}
