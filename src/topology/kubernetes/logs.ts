import * as z from 'zod';
import { projected } from '../../source/objects.ts';
import type { SourceDocument } from '../../source/origin.ts';
import type { JsonScanner } from '../syntax/json-scanner.ts';
import type { LogLine as KeptLine } from './objects.ts';

/** A line of a container's log, from a dump that has logs between its objects. */
export interface LogLine {
  readonly what: 'log';
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
  readonly line: number;
  readonly text: string;
}

/** The lines of a container's log that the caller wants, as a pattern; null: none. */
export type LogsOf = (container: string, namespace: string, pod: string) => RegExp | null;

/** Source: kubectl/pkg/cmd/clusterinfo/clusterinfo_dump.go. The end may stand behind a log's last line, which need not end. */
const START = /^==== START logs for (?:init )?container (\S+) of pod ([^/\s]+)\/(\S+) ====\s*$/;
const END = '==== END logs for ';
/** Of a line that is longer, its beginning and its end have to do. */
const LONGEST_LINE = 10_000;

/** Passes a log, from its first line on. */
export function* readLog(s: JsonScanner, logsOf: LogsOf): Generator<LogLine> {
  const [, container = '', namespace = '', pod = ''] = START.exec(takeLine(s)) ?? [];
  const wanted = logsOf(container, namespace, pod);
  while (s.window.at(s.at) !== -1) {
    const { line } = s;
    const text = takeLine(s);
    const end = text.indexOf(END);
    const own = (end === -1 ? text : text.slice(0, end)).trimEnd();
    if (wanted?.test(own) === true) yield { what: 'log', namespace, pod, container, line, text: own };
    if (end !== -1) return;
  }
}

const decoder = new TextDecoder();

function takeLine(s: JsonScanner): string {
  const from = s.at;
  s.window.keep = from;
  s.passLine();
  const part = (a: number, b: number) => decoder.decode(s.window.slice(a, b));
  const half = LONGEST_LINE / 2;
  return s.at - from <= LONGEST_LINE ? part(from, s.at) : `${part(from, from + half)}${part(s.at - half, s.at)}`;
}

/** A snapshot is JSON alone, and keeps such lines as an object of its own. */
const POD_LOG = { apiVersion: 'k8s-trace.snapshot/v1', kind: 'PodLog' } as const;

export const isPodLog = (apiVersion: string, kind: string): boolean => apiVersion === POD_LOG.apiVersion && kind === POD_LOG.kind;

const podLog = projected(() => ({ metadata: projected(() => ({ name: z.string(), namespace: z.string() })), lines: z.array(z.string()) }));

/** The lines of logs as objects, one a pod. */
export function podLogs(logs: readonly KeptLine[]): readonly object[] {
  const lines = new Map<string, string[]>();
  for (const { pod, text } of logs) {
    const known = lines.get(pod);
    if (known === undefined) lines.set(pod, [text]);
    else known.push(text);
  }
  return [...lines].map(([pod, of]) => {
    const [namespace, name] = pod.split('/');
    return { ...POD_LOG, metadata: { name, namespace }, lines: of };
  });
}

/** The lines that such an object keeps. */
export function linesOf({ data, document }: { readonly data: unknown; readonly document: SourceDocument }): readonly LogLine[] {
  const read = podLog.safeParse(data);
  if (!read.success) return [];
  const { metadata, lines } = read.data;
  return lines.map((text, i) => ({
    what: 'log',
    namespace: metadata.namespace,
    pod: metadata.name,
    container: '',
    line: document.position(['lines', i]).line,
    text,
  }));
}
