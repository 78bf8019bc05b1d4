import type { Resolution } from '../k8s/dns.ts';
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
  /** How the destination's name was looked up; null: it was named as what it is. */
  readonly resolution: Resolution | null;
  /** The DNS server that the query is followed to; null: it is not followed. */
  readonly dnsServer: IpAddress | null;
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
