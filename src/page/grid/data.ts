/** What a page of a grid has in it: written by a renderer, read by the page's script. */
export interface GridData {
  readonly kind: 'matrix' | 'diff';
  readonly groups: readonly Group[];
  /** Numbers of groups. */
  readonly rows: readonly number[];
  readonly columns: readonly number[];
  /** Each that is different, once. */
  readonly facts: readonly Fact[];
  /** What a cell says, as numbers of facts: each that is different, once. */
  readonly answers: readonly (readonly number[])[];
  /** A row each: the number of an answer for a cell that has one, and -n for the next n that have none. */
  readonly cells: readonly (readonly number[])[];
  /** A socket was taken to be at every port, which a trace does not do. */
  readonly everyPort: boolean;
  /** One sentence a code. */
  readonly meanings: Readonly<Record<string, string>>;
}

export interface Group {
  readonly kind: string;
  readonly namespace: string | null;
  readonly name: string;
  /** The first ones. */
  readonly members: readonly string[];
  readonly size: number;
  readonly cidrs?: readonly string[];
}

/** The same of all of its ports: in a matrix what becomes of them, in a diff how that changes. */
export interface Fact {
  readonly mark: FactMark;
  readonly families: readonly string[];
  readonly protocol: string;
  /** Empty for ICMP. */
  readonly ports: readonly string[];
  /** In words. */
  readonly says: string;
  readonly codes: readonly string[];
  /** Of the pairs of members. */
  readonly share: number;
  readonly assumed: boolean;
  readonly causes?: readonly Cause[];
}

/** What changed in the input that makes the difference. */
export interface Cause {
  readonly object: string;
  readonly says: string;
  readonly before: Excerpt | null;
  readonly after: Excerpt | null;
}

export interface Excerpt {
  /** `topology.yaml:12` */
  readonly at: string;
  readonly text: string;
}

export type FactMark = 'reached' | 'exits' | 'blocked' | 'unknown' | 'gained' | 'lost' | 'changed';
export type Mark = FactMark | 'part' | 'several';

/** How a mark looks and reads: a shape each, as colours alone say nothing to many. In the order of a legend. */
export const MARKS: Readonly<Record<Mark, { readonly sign: string; readonly word: string; readonly means: string }>> = {
  reached: { sign: '●', word: 'reached', means: 'every port that was asked answers' },
  part: { sign: '◐', word: 'in part', means: 'some ports answer, or some of the pairs' },
  exits: { sign: '→', word: 'leaves', means: 'goes out of what the input describes, and is not known to fail' },
  blocked: { sign: '×', word: 'blocked', means: 'no port answers' },
  unknown: { sign: '?', word: 'unknown', means: 'the input does not say' },
  gained: { sign: '+', word: 'gained', means: 'is reached now, and was not' },
  lost: { sign: '−', word: 'lost', means: 'was reached, and is not now' },
  changed: { sign: '~', word: 'changed', means: 'goes another way, or ends otherwise' },
  several: { sign: '±', word: 'several', means: 'ports differ: some gained, lost or changed' },
};

const WHOLE = 1 - 1e-9;

/** The one mark of several facts; null of none. */
export function markOf(facts: readonly Fact[]): Mark | null {
  const marks = new Set(facts.map((fact) => fact.mark));
  const [first] = marks;
  if (first === undefined) return null;
  if (marks.has('gained') || marks.has('lost') || marks.has('changed')) return marks.size === 1 ? first : 'several';
  const open = marks.has('reached') || marks.has('exits');
  if (open && (marks.has('blocked') || marks.has('unknown') || facts.some(isPartial(facts)))) return 'part';
  if (open) return marks.has('reached') ? 'reached' : 'exits';
  return marks.has('unknown') ? 'unknown' : 'blocked';
}

/** The shares of the same ports add up: those that are delivered and those that leave are different facts. */
const isPartial =
  (facts: readonly Fact[]) =>
  ({ ports, protocol, families }: Fact): boolean => {
    const same = facts.filter((f) => f.protocol === protocol && `${f.ports}` === `${ports}` && `${f.families}` === `${families}`);
    return same.reduce((sum, fact) => sum + fact.share, 0) < WHOLE;
  };

/** `cells` of a row, one number a column; -1 where there is no answer. */
export function spread(row: readonly number[], into: Int32Array): void {
  into.fill(-1);
  let column = 0;
  for (const value of row) {
    if (value < 0) column -= value;
    else into[column++] = value;
  }
}

/** `80, 443/TCP`, `8000-8080/UDP`, `ICMP`. */
export const portsText = ({ ports, protocol }: Fact): string =>
  ports.length === 0 ? protocol.toUpperCase() : `${ports.join(', ')}/${protocol.toUpperCase()}`;

/** What is said, and the codes that are not in it. */
export const saysText = ({ says, codes }: Fact): string => [says, ...codes.filter((code) => !says.includes(code))].join(' ');

/** Not all is said of the same families. */
export const hasFamilies = ({ facts }: GridData): boolean => facts.some(({ families }) => `${families}` !== `${facts[0]?.families}`);

/** `67 %`; what is close to all or nothing is neither. */
export const shareText = (share: number): string => `${Math.min(99, Math.max(1, Math.round(share * 100)))} %`;

/** As people say it: `node/…` and networks are in no namespace. */
export const groupText = ({ kind, namespace, name }: Group): string => {
  if (kind === 'Network') return name === 'internet' ? 'the internet' : name;
  return `${kind} ${namespace === null ? '' : `${namespace}/`}${name}`.trimStart();
};

/** The heading under which a group stands: with a capital it is no namespace's name. */
export const sectionOf = ({ kind, namespace }: Group): string => namespace ?? SECTIONS[kind] ?? 'Others';

const SECTIONS: Readonly<Record<string, string>> = { Network: 'Outside', Node: 'Nodes' };
