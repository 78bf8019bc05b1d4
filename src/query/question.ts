import type { Resolution } from '../k8s/dns/dns.ts';
import type { Established } from '../k8s/established.ts';
import type { HttpPlan } from '../k8s/http/http.ts';
import type { IpAddress, IpFamily } from '../net/address.ts';
import type { Protocol } from '../net/packet.ts';
import type { Found } from './found.ts';
import type { Target } from './target.ts';

/** One connection that a program would try: names are resolved, in one IP family. */
export interface Question {
  readonly family: IpFamily;
  readonly source: Source;
  readonly destination: Found;
  /** The container of the destination that is meant, when one is named. */
  readonly destinationContainer: string | null;
  readonly over: Medium;
  readonly target: Target;
  /** How the destination's name was looked up; null: it was named as what it is. */
  readonly resolution: Resolution | null;
  /** The DNS server that the query is followed to; null: it is not followed. */
  readonly dnsServer: IpAddress | null;
  /** Bytes of the data packet or datagram; null: the usual first packet only. */
  readonly size: number | null;
  /** The plan for an HTTP request; null: the destination is no URL that an Ingress or a Gateway answers for. */
  readonly http: HttpPlan | null;
  /** Of a question about connections that stand already: each kind of them that nodes know. Undefined: a new one is made. */
  readonly established?: readonly Established[];
}

export interface Source {
  readonly kind: 'Pod' | 'Node' | 'Host';
  readonly namespace: string | null;
  readonly name: string;
  readonly container: string | null;
  readonly node: string;
  readonly netns: string;
  /** Of the question's family; where the source has none of it, its first one of another, with which nothing can be called. */
  readonly ip: IpAddress;
  readonly process: string;
  /** No client of the input has this address: it is taken to be a machine on the internet. */
  readonly assumedOutside: boolean;
  /** It is somewhere beyond this machine, whose device `enters` its packets come in by; null: the one that leads back to it. Left out: it is known. */
  readonly enters?: string | null;
  /** It sends from this very address, whatever the kernel would choose. Left out: the kernel chooses. */
  readonly isBound?: true;
  /** How it was chosen, when its name stands for several. */
  readonly note?: string;
}

/** The way by which two containers are to reach each other: with packets, by the shared memory and messages of an IPC namespace, by files. */
export type Medium = 'network' | 'ipc' | 'volume';

/** A question as it is asked, names and all. */
export interface Request {
  readonly source: string;
  readonly destination: string;
  /** Namespace of names that have none; `default` when left out. */
  readonly namespace?: string;
  /** Port number or name, when the destination does not say it. */
  readonly port?: number | string;
  readonly protocol?: Protocol;
  /** Bytes of a data packet that is sent once the connection stands, or of the datagram. */
  readonly size?: number;
  /** Of a request to a URL: `GET` when left out. */
  readonly method?: string;
  /** Of a request to a URL. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Follow the DNS query of the destination's name, too. */
  readonly withDns?: boolean;
  /** `NODE/DEVICE`, or of the only node `DEVICE`: where the packets of a source that nobody knows come in. */
  readonly in?: string;
  /** Shared memory or a volume instead of a packet; `network` when left out. */
  readonly over?: Medium;
  /** The only IP family that is asked; each that both ends have when left out. */
  readonly family?: IpFamily;
  /** Follow the packet to a port that a named service does not have, too. Left out, such a port is an error. */
  readonly walkClosed?: boolean;
  /** What becomes of a packet of a connection that stands already, by what `conntrack -L` printed on the nodes. */
  readonly established?: boolean;
}
