import type { Diagnostic } from '../../source/diagnostic.ts';
import type { SourceDocument } from '../../source/origin.ts';
import type { LogLine, LogsOf } from './logs.ts';

/** A Kubernetes object of the input, before its kind's schema has seen it. */
export interface Item {
  readonly what: 'item';
  /** `Pod`, also where the item of a typed list has none. Empty: nothing says it, in a file that somebody named. */
  readonly kind: string;
  /** `v1`, `networking.k8s.io/v1`; empty when nothing says it. */
  readonly apiVersion: string;
  /** To be read at once and let go. Texts may be parts of the item's text, and keep all of it alive: `TextPool` gives what stays its own. */
  readonly data: unknown;
  /** Reads the item again when it is asked for a position. */
  readonly document: SourceDocument;
  /** The kind is that of the file's name, or of the object's shape. */
  readonly kindInferred: boolean;
}

/** A list of one kind: all objects of it that somebody was shown, also when it is empty, or a part of them. */
export interface ListRead {
  readonly what: 'list';
  /** Of the items. */
  readonly kind: string;
  readonly apiVersion: string;
  readonly count: number;
  readonly isPart: boolean;
}

/** What is wrong with a file, as errors; as notes where a directory had it and nothing says that it is ours. It ends the file. */
export interface Fault {
  readonly what: 'fault';
  readonly diagnostics: readonly Diagnostic[];
}

export type Reading = Item | ListRead | LogLine | Fault;

/** What a caller wants of a file. */
export interface Wanted {
  /** Asked once for each object whose kind is known. */
  wants(apiVersion: string, kind: string): boolean;
  /** Whether any API has a kind of this name that is wanted. */
  isKind(kind: string): boolean;
  readonly logsOf: LogsOf;
}
