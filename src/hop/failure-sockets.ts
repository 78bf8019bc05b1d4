import { formatAddress, formatEndpoint, type IpAddress, type IpFamily } from '../net/address.ts';
import type { Protocol } from '../net/packet.ts';
import { named, type Wording } from '../source/sentence.ts';
import type { Words } from './words.ts';

/** Faults of the process that was called, or of its socket. */
export interface SocketFacts {
  /** Its phase is Kubernetes' word. */
  readonly POD_NOT_RUNNING: NotRunningFacts;
  readonly NODE_NOT_READY: { readonly node: string };
  readonly NOBODY_LISTENS: NoSocketFacts;
  readonly LISTENS_ON_LOOPBACK: BoundElsewhere;
}

interface NotRunningFacts {
  readonly pod: string;
  readonly phase: string;
  readonly isScheduled: boolean;
  /** It has an address, and no container that runs: how each of them is. */
  readonly halted: string | null;
}

/** The socket that was asked for. */
interface Called {
  readonly address: IpAddress;
  readonly port: number;
  readonly protocol: Protocol;
}

/** A socket with the port, but bound to another address. */
interface BoundElsewhere {
  readonly why: 'other-address';
  readonly process: string;
  readonly bound: IpAddress;
  readonly called: Called;
}

type NoSocketFacts =
  | { readonly why: 'no-socket'; readonly netns: string; readonly called: Called }
  | BoundElsewhere
  /** It is bound to 0.0.0.0. */
  | {
      readonly why: 'other-family';
      readonly process: string;
      readonly port: number | null;
      readonly family: IpFamily;
      readonly called: Called;
    }
  /** A node port is there by a rule, and none is about this address. */
  | { readonly why: 'node-port'; readonly netns: string; readonly address: IpAddress; readonly port: number; readonly service: string }
  /** Public addresses of the gateway: of an entry of its NAT, or the one that what leaves gets. */
  | { readonly why: 'nat-address'; readonly address: IpAddress; readonly inside: IpAddress }
  | { readonly why: 'source-address'; readonly address: IpAddress }
  /** The kernel answers no ping. */
  | { readonly why: 'pings-ignored'; readonly netns: string; readonly sysctl: string };

export const socketWords: Words<SocketFacts> = {
  POD_NOT_RUNNING: podNotRunning,
  NODE_NOT_READY: ({ node }) => `node ${node} is down, and nothing runs on it`,
  NOBODY_LISTENS: noSocket,
  LISTENS_ON_LOOPBACK: boundElsewhere,
};

function podNotRunning({ pod, phase, isScheduled, halted }: NotRunningFacts): Wording {
  if (phase === 'Succeeded' || phase === 'Failed')
    return `pod ${pod} has run to its end (phase ${phase}): it has no process and no address any more`;
  if (halted !== null) return `none of the containers of pod ${pod} runs (${halted})`;
  return `pod ${pod} does not run yet (phase ${phase}): ${isScheduled ? 'it has no address' : 'it is on no node'}`;
}

export const nodePort = ({ port, service }: { readonly port: number; readonly service: string }) =>
  `${port} is the node port of service ${service}`;

const calledText = ({ address, port, protocol }: Called) => `${formatEndpoint(address, port)}/${protocol}`;

function noSocket(facts: NoSocketFacts): Wording {
  switch (facts.why) {
    case 'no-socket':
      return `nothing in ${facts.netns} listens on ${calledText(facts.called)}`;
    case 'other-address':
      return boundElsewhere(facts);
    case 'other-family':
      return named(`${facts.process} listens on 0.0.0.0:${facts.port} only, which is ${facts.family}, not on ${calledText(facts.called)}`);
    case 'node-port':
      return named(`${nodePort(facts)}, but no rule of ${facts.netns} is about ${formatAddress(facts.address)}, and nothing listens there`);
    case 'nat-address':
      return `the gateway makes ${formatAddress(facts.address)} ${formatAddress(facts.inside)} only for who comes from outside: from inside it is an address of the gateway itself, where nothing listens`;
    case 'source-address':
      return named(`${formatAddress(facts.address)} is the source that the gateway gives to what leaves, and nothing listens on it`);
    case 'pings-ignored':
      return `${facts.netns} answers no ping: ${facts.sysctl} is set there`;
  }
}

function boundElsewhere({ process, bound, called }: BoundElsewhere): Wording {
  return named(`${process} listens on ${formatAddress(bound)} only, not on ${calledText(called)}`);
}
