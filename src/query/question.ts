import type { IpAddress } from '../net/address.ts';
import type { Found } from './find.ts';
import type { Over } from './over.ts';
import type { Target } from './target.ts';

/** A question with its names resolved. */
export interface Question {
  readonly source: Source;
  readonly destination: Found;
  /** The container of the destination that is meant, when one is named. */
  readonly destinationContainer: string | null;
  readonly over: Over;
  readonly target: Target;
  /** Bytes of the data packet or datagram; null: the usual first packet only. */
  readonly size: number | null;
}

export interface Source {
  readonly kind: 'Pod' | 'Node' | 'Host';
  readonly namespace: string | null;
  readonly name: string;
  readonly container: string | null;
  readonly node: string;
  readonly netns: string;
  readonly ip: IpAddress;
  readonly process: string;
}
