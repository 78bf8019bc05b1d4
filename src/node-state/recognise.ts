import { commandOfName, printedBy } from './command.ts';
import { type Format, RIGHT } from './format.ts';
import { type Section, sectionsOf } from './sections.ts';
import { lineOf, type StateFault, type StateText, stateText, type Unread, type Untellable } from './text.ts';
import { leftOut, notPrinted, unseen } from './wrong-command.ts';

/** A file that may have node state. `path`: below the directory of --node-state; `name`: for messages. */
export interface StateFile {
  readonly name: string;
  readonly path: string;
  readonly text: string;
}

/** The outputs of commands in a file. */
export interface Recognised {
  readonly texts: readonly { readonly format: Format; readonly text: StateText }[];
  readonly faults: readonly StateFault[];
  /** Lines that are of no known command, in a file that has some of a known one. */
  readonly unread: readonly Unread[];
  /** Commands that were not installed where the file was collected. */
  readonly missing: readonly string[];
  /** Why nothing in the file is recognised; null: something is. */
  readonly unknown: string | null;
}

/** Recognises a file by its content, and by its name where the content is not enough. */
export function recognise(node: string, file: StateFile): Recognised {
  const base = file.path.slice(file.path.lastIndexOf('/') + 1);
  const named = commandOfName(base);
  const lines = file.text
    .replace(/^\uFEFF/, '')
    .replace(COLOR, '')
    .replace(PROMPTED, '')
    .split(LINE_END);
  const isOpen = lines.at(-1) !== '';
  if (!isOpen) lines.pop();
  const sections = sectionsOf(lines).filter((s) => !isNoise(s));
  if (named !== null && printedBy(named)?.is === 'foreign') return { ...NOTHING, unknown: 'it is of another network namespace' };
  if (sections.length === 0) return emptyFile(node, file, named);
  const only = sections.length === 1;
  const parts = sections.map((s) =>
    recogniseSection(node, file, s, {
      command: s.command ?? named,
      isOnly: only,
      isOpen: isOpen && s.first + s.lines.length === lines.length,
    }),
  );
  const all: Recognised = {
    texts: parts.flatMap((p) => p.texts),
    faults: parts.flatMap((p) => p.faults),
    unread: parts.flatMap((p) => p.unread),
    missing: parts.flatMap((p) => p.missing),
    unknown: null,
  };
  const isKnown = all.texts.length + all.faults.length + all.missing.length > 0;
  return isKnown ? all : { ...NOTHING, unknown: parts.find((p) => p.unknown !== null)?.unknown ?? null };
}

/** Escape sequences for colours, of `ip -color` and of terminals: ECMA-48, SGR. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: a terminal's colours begin with a control character
const COLOR = /\u001b\[[\d;]*m/g;

/** sudo's prompt has no line end, so that the output begins on the same line where no terminal answers it. */
const PROMPTED = /^\[sudo\] password for [^\s:]+: (?=\S)/gm;

/** LF, CR and LF (CR twice, by a terminal), or CR alone. */
const LINE_END = /\r*\n|\r/;

const NOTHING: Recognised = { texts: [], faults: [], unread: [], missing: [], unknown: null };

interface Known {
  readonly command: string | null;
  /** The section is all of its file. */
  readonly isOnly: boolean;
  /** The last line of the section has no line end. */
  readonly isOpen: boolean;
}

function recogniseSection(node: string, file: StateFile, section: Section, { command, isOnly, isOpen }: Known): Recognised {
  const closed = stateText(node, file.name, section.lines.join('\n'), section.first + 1, command);
  const text: StateText = isOpen ? { ...closed, isOpen } : closed;
  const printed = command === null ? null : printedBy(command);
  const fault: Fault = (message, hint, untold, asRoot) => ({
    ...NOTHING,
    faults: [{ locus: faultAt(text), message, hint, ...(untold == null ? {} : { untold }), ...(asRoot == null ? {} : { asRoot }) }],
  });
  if (printed?.is === 'foreign') return { ...NOTHING, unknown: 'it is of another network namespace' };
  if (section.remark !== null) return remarked(section, text, printed?.is === 'state' ? printed.format : null, fault);
  const { kind } = section;
  const isWrong = (by: string, right: string) =>
    fault(`this is what ${by} prints, which does not say all`, `collect ${right} instead`, leftOut(by, right, section.lines));
  if (kind?.is === 'wrong')
    return isWrong(command !== null && printed?.is === 'wrong' ? command : kind.command, rightFor(kind.right, command, section));
  if (kind?.is === 'state') {
    if (printed?.is === 'wrong' && (kind.format === 'nft' || kind.format === 'ipset') && command !== null)
      return isWrong(command, printed.right);
    return { ...NOTHING, texts: [{ format: kind.format, text }] };
  }
  if (section.lines.some(isWithoutIpvs)) return { ...NOTHING, missing: ['ipvsadm (the kernel has no IPVS)'] };
  const error = errorIn(section.lines);
  if (error !== null && (printed?.is === 'state' || isOnly || /^\S*(tables|nft|ipset|ipvsadm|conntrack|sysctl)/.test(error)))
    return fault(
      `this is no output, but an error: ${error}`,
      ...hintFor(error, printed?.is === 'state' ? command : null),
      refusedIn(error, command),
    );
  if (printed?.is === 'state' && isEmptyJson(section.lines)) return { ...NOTHING, texts: [{ format: printed.format, text }] };
  const isEmpty = section.lines.every((line) => line.trim() === '');
  if (isEmpty)
    return printed?.is === 'state' && command !== null ? fault(...emptyOf(command), notPrinted(command, printed.format)) : NOTHING;
  if (printed?.is === 'state') return fault(`this is not what ${command} prints`, null);
  if (printed?.is === 'wrong' && command !== null) return isWrong(command, printed.right);
  if (printed?.is === 'other' || isOnly) return { ...NOTHING, unknown: 'no command whose output is read prints this' };
  return { ...NOTHING, unread: junk(text), unknown: 'no command whose output is read prints this' };
}

/** `ip -j` of nothing: older ones print an object without fields for each thing that is not shown. */
const isEmptyJson = (lines: readonly string[]): boolean => /^\s*\[(?:\s|\{\s*\}|,)*\]\s*$/.test(lines.join('\n'));

/** Of a text without a line, the file itself. */
const faultAt = (text: StateText) => lineOf(text, 0, `Node/${text.node}`);

type Fault = (message: string, hint: string | null, untold?: Untellable | null, asRoot?: string | null) => Recognised;

const refusedIn = (error: string, command: string | null): string | null => (command !== null && isRefusal(error) ? command : null);

function remarked({ remark, command }: Section, text: StateText, format: Format | null, fault: Fault): Recognised {
  if (remark === null || format === null) return NOTHING;
  switch (remark.is) {
    case 'no output':
      return { ...NOTHING, texts: [{ format, text: { ...text, lines: [] } }] };
    case 'not installed':
      return { ...NOTHING, missing: [`${command} (not installed)`] };
    case 'failed': {
      if (text.lines.some(isWithoutIpvs)) return { ...NOTHING, missing: [`${command} (the kernel has no IPVS)`] };
      const said = text.lines.map((line) => line.replace(/^#\s?/, '')).find((line) => line.trim() !== '');
      const isSeen = said === undefined || !isRefusal(said);
      const message = `${command} failed with exit status ${remark.status}${said === undefined ? '' : `: ${said.trim()}`}`;
      return isSeen ? fault(message, null) : fault(message, `collect ${command} as root`, unseenBy(command), command);
    }
  }
}

/** ipvsadm's error where the kernel's module is not loaded, so that there are no virtual servers. */
const isWithoutIpvs = (line: string): boolean => line.includes("Can't initialize ipvs") && !isRefusal(line);

/** `iptables -L` and `ip6tables -L` look alike but for the addresses. */
function rightFor(right: string, command: string | null, { lines }: Section): string {
  if (right !== RIGHT.iptables) return right;
  const isIpv6 = command === null ? lines.some((l) => /\s::\/0\s/.test(l)) : command.includes('ip6tables');
  return isIpv6 ? 'ip6tables-save' : right;
}

const ERRORS = [
  /command not found/i,
  /: not found$/,
  /permission denied/i,
  /operation not permitted/i,
  /you must be root/i,
  /no such file or directory/i,
  /^(ip6?tables\S*|nft|ipset|ipvsadm|conntrack)( v\S+)?( \(\w+\))?: /,
  /executable file not found/i,
  /xtables lock/,
  /unrecognized option|unknown option|invalid option/i,
  /^Object "\S+" is unknown/,
  /^Error: /,
  /^> Error while running /,
  /table does not exist|can't initialize/i,
];

/** The error in a text that is no more than a few lines; null: it has none. */
function errorIn(lines: readonly string[]): string | null {
  const said = lines.filter((line) => line.trim() !== '');
  if (said.length > 8) return null;
  return said.find((line) => ERRORS.some((pattern) => pattern.test(line)))?.trim() ?? null;
}

function hintFor(error: string, command: string | null): readonly [string | null, Untellable | null] {
  const what = command ?? 'the command';
  if (/not found|no such file/i.test(error)) return [`${what} is not installed there: leave the file out, or install it`, null];
  if (isRefusal(error)) return [`collect ${command ?? 'it'} as root`, unseenBy(command)];
  if (/lock/.test(error)) return [`collect ${command ?? 'it'} once more: another program was at the tables`, null];
  return [null, null];
}

const isRefusal = (error: string): boolean => /denied|not permitted|root/i.test(error);

function unseenBy(command: string | null): Untellable | null {
  const printed = command === null ? null : printedBy(command);
  return command !== null && printed?.is === 'state' ? unseen(command, printed.format) : null;
}

/** An empty output means that there is nothing to list, or that the command failed. */
const emptyOf = (command: string): readonly [string, string] => [
  `${command} printed nothing: is there nothing, or did it fail?`,
  `where it is true, say so in the file: # ${command}: no output`,
];

function emptyFile(node: string, file: StateFile, named: string | null): Recognised {
  const printed = named === null ? null : printedBy(named);
  if (named === null || printed === null || printed.is === 'other') return { ...NOTHING, unknown: 'it is empty' };
  if (printed.is === 'foreign') return { ...NOTHING, unknown: 'it is of another network namespace' };
  const [message, hint] = emptyOf(named);
  const untold = printed.is === 'state' ? notPrinted(named, printed.format) : null;
  const locus = faultAt(stateText(node, file.name, file.text));
  return { ...NOTHING, faults: [{ locus, message, hint, ...(untold === null ? {} : { untold }) }] };
}

/** Lines that kubectl, oc, ssh and sudo print around an output. */
const NOISE =
  /^(Unable to use a TTY|\[sudo\] password for |Warning: Permanently added |Connection to \S+ closed|Creating debugging pod |Starting pod\/|Removing debug pod|To use host binaries|Temporary namespace |Defaulting debug container|Defaulted container|If you don't see a command prompt|Pod IP: |Warning: would violate PodSecurity|\S+ pod ".*" deleted|pod ".*" deleted|#!|command terminated with exit code|error: non-zero exit code)/;

const isNoise = ({ command, kind, lines }: Section): boolean =>
  command === null && kind === null && lines.every((line) => line.trim() === '' || NOISE.test(line));

function junk(text: StateText): readonly Unread[] {
  return text.lines.flatMap((line, i) =>
    line.trim() === '' || NOISE.test(line) || line.startsWith('#')
      ? []
      : [{ locus: lineOf(text, i, `Node/${text.node}`), text: line, why: 'no command whose output is read prints this' }],
  );
}
