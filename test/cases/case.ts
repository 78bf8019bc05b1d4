import type { Request, TraceDocument } from '../../src/index.ts';

/** A question to a fixture whose answer the trouble's real cause decides. */
export interface Trouble extends Pick<Request, 'size' | 'over'> {
  readonly from: string;
  readonly to: string;
  readonly outcome: TraceDocument['outcome'];
  readonly code: string;
  readonly client: string;
  /** Text of the one line of the fixture that the reason has to point at. */
  readonly cites: string;
  /** What one of the fixes has to say. */
  readonly fix: string;
  /** Paths that fail, of how many; all of them when it is left out. */
  readonly fails?: readonly [number, number];
  /** What to call once the fault is mended, when the call itself was wrong. */
  readonly instead?: string;
}

export interface TracedCase {
  readonly troubles: readonly Trouble[];
  /** What is delivered all the same: the contrast that people report. With the nodes whose endpoints are used, if that is the point. */
  readonly works?: readonly ({ readonly from: string; readonly to: string; readonly on?: readonly string[] } & Pick<
    Request,
    'over' | 'family'
  >)[];
  /** Codes of the warnings that loading gives. */
  readonly warns?: readonly string[];
  /** Codes of what `validate` finds beside them, where that is the point. */
  readonly finds?: readonly string[];
  /** The fix, as changes of the fixture's text: with them every trouble is delivered. A fix names each line that they touch. */
  readonly mended: readonly (readonly [search: string, replace: string])[];
}

/** A file that cannot be right: it is refused before any trace. */
export interface RefusedCase {
  readonly refused: string;
  readonly cites: string;
  readonly says: string;
}

export type Case = TracedCase | RefusedCase;
