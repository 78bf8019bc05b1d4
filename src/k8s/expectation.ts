import type { IpFamily } from '../net/address.ts';
import type { Protocol } from '../net/packet.ts';
import type { Locus } from '../source/origin.ts';
import type { Redirects } from './http/http.ts';

/** A statement of the input about traces. Names are as on the command line, which asks for them. */
export interface Expectation {
  readonly name: string | null;
  readonly from: Selection;
  readonly to: Selection;
  readonly port: number | string | null;
  readonly protocol: Protocol | null;
  /** The only one that is asked; null: each that both ends have. */
  readonly family: IpFamily | null;
  /** Empty: any. */
  readonly outcomes: readonly ExpectedOutcome[];
  /** Empty: any. */
  readonly reasons: readonly string[];
  readonly via: readonly NameAt[];
  readonly notVia: readonly NameAt[];
  /** The receivers, of which one must get the request. Empty: any receiver will do. */
  readonly at: readonly NameAt[];
  /** The source that the receiver must see: an address, or a thing that has it. */
  readonly source: NameAt | null;
  /** On every path, or on at least one. */
  readonly paths: 'every' | 'some';
  /** Is the answer that counts the one at the end of redirects, or the first? */
  readonly redirects: Redirects;
  readonly severity: Severity;
  readonly locus: Locus;
}

/** The ends that an expectation is about: names, or all pods with these labels, but for some. */
export interface Selection {
  /** `*` stands for every pod, `NAMESPACE/*` for those of a namespace, `svc/*` for every service. */
  readonly names: readonly NameAt[];
  readonly labels: ReadonlyMap<string, string> | null;
  readonly namespace: string | null;
  readonly except: readonly NameAt[];
  /** Of the labels, where there are any. */
  readonly locus: Locus;
}

/** A name, and where it stands. */
export interface NameAt {
  readonly text: string;
  readonly locus: Locus;
}

export const EXPECTED_OUTCOMES = [
  'delivered',
  'dropped',
  'rejected',
  'exits',
  'looped',
  'undetermined',
  'mixed',
  /** Dropped, rejected or looped. */
  'blocked',
] as const;
export type ExpectedOutcome = (typeof EXPECTED_OUTCOMES)[number];

export const SEVERITIES = ['error', 'warning', 'note'] as const;
export type Severity = (typeof SEVERITIES)[number];
