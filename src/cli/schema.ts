import { didYouMean, jsonSchema, jsonText, type SchemaName } from '../index.ts';
import type { GlobalFlags } from './flags.ts';
import { type Io, UsageError } from './io.ts';
import { refuseOptions } from './without-input.ts';

export const SCHEMAS: readonly SchemaName[] = ['topology', 'expectations', 'trace', 'check', 'policy', 'matrix', 'diff', 'drift', 'lab'];

export async function schemaCommand(text: string, flags: GlobalFlags, io: Io): Promise<number> {
  refuseOptions('schema', flags);
  const name = SCHEMAS.find((n) => n === text);
  if (name === undefined) throw new UsageError(`there is no schema ${text}`, didYouMean(text, SCHEMAS) ?? `schemas: ${SCHEMAS.join(', ')}`);
  io.stdout.write(`${jsonText(await jsonSchema(name))}\n`);
  return 0;
}
