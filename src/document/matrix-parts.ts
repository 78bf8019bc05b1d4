import * as z from 'zod';
import { type MatrixDocument, type MatrixResult, matrixConnection, matrixSchema } from './matrix-schema.ts';

/** A file that is said to have a part of a matrix; its text is read anew each time, for all of them together may be large. */
export interface PartFile {
  readonly name: string;
  text(): string;
}

/** What keeps files from being joined. */
export class PartsFault extends Error {
  readonly hint: string | null;
  constructor(message: string, hint: string | null = null) {
    super(message);
    this.hint = hint;
  }
}

const headSchema = matrixSchema.extend({ connections: z.array(z.unknown()) });

type Head = Pick<MatrixDocument, 'asked' | 'groups' | 'notAsked' | 'whatIf'> & {
  readonly part: NonNullable<MatrixDocument['part']>;
  readonly file: PartFile;
};

/** The whole, with what does not arrive; and what a run that makes it at once knows of its question and its input. */
export interface Joined {
  readonly whole: MatrixResult;
  /** What does not arrive is wanted in every format. */
  readonly blocked: boolean;
  readonly missing: readonly string[];
}

/** Parts into the whole. Connections are read once they are asked for, a file at a time. Throws a PartsFault. */
export function joined(files: readonly PartFile[], version: string): Joined {
  const heads = files.map(headOf);
  const [first] = heads;
  if (first === undefined) throw new PartsFault('there is no part to join', 'k8s-trace matrix --merge part-*.json');
  for (const head of heads) checkAlike(head, first, version);
  const inOrder = Array.from({ length: first.part.of }, (_, i) => only(heads, i + 1, first));
  const { asked, groups, notAsked, whatIf, part } = first;
  return {
    whole: { asked, groups, notAsked, ...(whatIf === undefined ? {} : { whatIf }), connections: connectionsOf(inOrder) },
    blocked: part.blocked,
    missing: part.missing,
  };
}

function headOf(file: PartFile): Head {
  const parsed = headSchema.safeParse(dataOf(file), { jitless: true });
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const where = issue === undefined || issue.path.length === 0 ? '' : ` (${issue.path.join('.')}: ${issue.message})`;
    throw new PartsFault(`${file.name}: this is no matrix${where}`, 'a part is what k8s-trace matrix --shard 1/4 prints');
  }
  const { part, asked, groups, notAsked, whatIf } = parsed.data;
  if (part === undefined)
    throw new PartsFault(`${file.name}: this is a whole matrix, and no part of one`, 'a part is what k8s-trace matrix --shard 1/4 prints');
  return { asked, groups, notAsked, ...(whatIf === undefined ? {} : { whatIf }), part, file };
}

function dataOf({ name, text }: PartFile): unknown {
  try {
    return JSON.parse(text());
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new PartsFault(`${name}: this is not JSON, or is cut off`, 'make this part again');
  }
}

function* connectionsOf(heads: readonly Head[]): Iterable<MatrixDocument['connections'][number]> {
  for (const { file } of heads) {
    const parsed = z.object({ connections: z.array(matrixConnection) }).safeParse(dataOf(file));
    if (!parsed.success) {
      const [issue] = parsed.error.issues;
      throw new PartsFault(`${file.name}: ${issue?.path.join('.')}: ${issue?.message}`, 'make this part again');
    }
    yield* parsed.data.connections;
  }
}

/** Parts of one matrix say the same of their input, of what was asked, of who computed them and of how many there are. */
function checkAlike({ part, file }: Head, first: Head, version: string): void {
  const other = first.file.name;
  if (part.version !== version)
    throw new PartsFault(
      `${file.name} was made by version ${part.version}, and this is ${version}`,
      'make all parts, and join them, with one version',
    );
  if (part.of !== first.part.of)
    throw new PartsFault(`${file.name} is one of ${part.of} parts, and ${other} one of ${first.part.of}`, 'join the parts of one matrix');
  if (part.digest !== first.part.digest)
    throw new PartsFault(
      `${file.name} is of another input or another question than ${other}`,
      'make all parts of the same files, with the same flags; of a cluster that runs, of one snapshot',
    );
}

/** The one part of an index. */
function only(heads: readonly Head[], index: number, { part: { of } }: Head): Head {
  const [found, again] = heads.filter((h) => h.part.shard === index);
  if (found === undefined) {
    const lacking = Array.from({ length: of }, (_, i) => i + 1).filter((i) => heads.every((h) => h.part.shard !== i));
    const names = `${lacking.slice(0, 10).join(', ')}${lacking.length > 10 ? ', …' : ''}`;
    throw new PartsFault(
      `${lacking.length === 1 ? `part ${names} of ${of} is` : `parts ${names} of ${of} are`} missing`,
      `k8s-trace matrix --shard ${index}/${of} -o json=part-${index}.json, with the flags of the others`,
    );
  }
  if (again !== undefined)
    throw new PartsFault(`part ${index} of ${of} is there twice: ${found.file.name} and ${again.file.name}`, 'leave one of them out');
  return found;
}
