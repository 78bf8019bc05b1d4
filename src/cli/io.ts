import type { Diagnostic, Machine, Parts } from '../index.ts';
import type { Shell } from './shells.ts';

/** Everything outside the program that a command may use. The bin hands over the real things, tests hand over others. */
export interface Io {
  /** The name that the program is called by, since people copy command lines from help and hints. */
  readonly name: 'k8s-trace' | 'kubectl k8s-trace';
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdout: Stream;
  /** Writes to standard output piece by piece, no faster than it is read; the rest is not made where nobody reads any more. */
  pour(pieces: Iterable<string>): Promise<void>;
  readonly stderr: Stream;
  /** All of it; in parts when it is large. */
  readStdin(): Promise<Uint8Array | Parts>;
  /** The kind of thing at a path; null when there is nothing. A pipe is whatever may be read only once, or has no end. */
  kindOf(path: string): Promise<'file' | 'pipe' | 'directory' | null>;
  /** Names in a directory, in order. */
  list(directory: string): Promise<readonly string[]>;
  /** A file, unpacked when it is compressed; in parts when it is large. */
  read(path: string): Promise<Uint8Array | Parts>;
  /**
   * What tells a file or folder from all others, whatever its names; of one that is not there yet, what it would have. 0 and 1: what
   * standard input and output lead to. Null for what is neither, as a terminal, a pipe or a device.
   */
  identityOf(place: string | 0 | 1): Promise<string | null>;
  /** Throws what stands in the way of writing a file there; leaves everything as it was. */
  tryWrite(path: string): Promise<void>;
  /** Writes all, or none; a file is whole when it appears. */
  writeAll(files: readonly { readonly path: string; readonly text: string | Iterable<string> }[]): Promise<void>;
  /** Takes a file away; nothing happens to what is no file. */
  remove(path: string): Promise<void>;
  /** The working directory. */
  readonly directory: string;
  /** The page of a reason code, or null. */
  reasonPage(code: string): Promise<string | null>;
  /** The page of all findings, or null. */
  findingsPage(): Promise<string | null>;
  /** The script with which a shell completes our command lines. */
  completionScript(shell: Shell): Promise<string>;
  readonly version: string;
  /** Runs a program to its end; rejects with ENOENT where there is none. */
  execute(command: readonly string[]): Promise<{ readonly status: number; readonly stdout: Uint8Array; readonly stderr: string }>;
  /** SHA-256 of bytes that come in pieces, as hexadecimal digits. */
  sha256(pieces: Iterable<Uint8Array>): Promise<string>;
  /** Milliseconds since some moment, for what is told while work goes on. */
  now(): number;
  /** Acts once so many milliseconds have passed, unless it is stopped before. */
  after(milliseconds: number, act: () => void): () => void;
  /** Processes and namespaces, for the lab alone. */
  machine(): Promise<Machine>;
}

export interface Stream {
  /** Throws a UsageError when what it leads to cannot take the text; a pipe that nothing reads any more is no reason. */
  write(text: string): void;
  readonly isTerminal: boolean;
  /** Columns of the terminal, when it is one that tells. */
  readonly columns: number | undefined;
}

/** The command line, the input or the machine does not allow an answer: exit status 2, with a message instead of a stack trace. */
export class UsageError extends Error {
  readonly hint: string | null;
  constructor(message: string, hint: string | null = null) {
    super(message);
    this.hint = hint;
  }
}

/** The files are wrong: exit status 2. What is wrong is on standard error when this is thrown. */
export class InputError extends Error {
  readonly diagnostics: readonly Diagnostic[];
  constructor(diagnostics: readonly Diagnostic[]) {
    super('the files are wrong');
    this.diagnostics = diagnostics;
  }
}

/** Command lines in a text, as they are typed where the program has another name. */
export const asCalled = (text: string, { name }: Pick<Io, 'name'>) => text.replace(/(?<!kubectl )\bk8s-trace(?= [[A-Za-z-])/g, name);
