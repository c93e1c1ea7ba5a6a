import type { Case } from '../case.ts';
import { environmentCases } from './environment.ts';
import { fileCases } from './files.ts';
import { lifeCases } from './life.ts';
import { refusedCases } from './refused.ts';
import { socketCases } from './sockets.ts';
import { spellingCases } from './spellings.ts';
import { surroundingsCases } from './surroundings.ts';
import { togetherCases } from './together.ts';

export { clientCases, ownClientCases } from './clients.ts';

export const cases: readonly Case[] = [
  ...spellingCases,
  ...refusedCases,
  ...socketCases,
  ...environmentCases,
  ...surroundingsCases,
  ...lifeCases,
  ...fileCases,
  ...togetherCases,
];
