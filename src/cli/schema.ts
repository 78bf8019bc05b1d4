import { didYouMean, jsonSchema, type SchemaName } from '../index.ts';
import { type Io, UsageError } from './io.ts';

const NAMES: readonly SchemaName[] = ['topology', 'expectations', 'trace', 'check', 'lab'];

export async function schemaCommand(text: string, io: Io): Promise<number> {
  const name = NAMES.find((n) => n === text);
  if (name === undefined) throw new UsageError(`there is no schema ${text}`, didYouMean(text, NAMES) ?? `schemas: ${NAMES.join(', ')}`);
  io.stdout.write(`${JSON.stringify(await jsonSchema(name), null, 2)}\n`);
  return 0;
}
