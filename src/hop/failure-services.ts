import { formatAddress, type IpAddress } from '../net/address.ts';
import type { Protocol } from '../net/packet.ts';
import { formatPrefix, type Prefix } from '../net/prefix.ts';
import { named, type Wording } from '../source/sentence.ts';
import { nodePort } from './failure-sockets.ts';
import type { Words } from './words.ts';

/** Faults of a service itself, or of what programs it. Services are named within their namespace. */
export interface ServiceFacts {
  readonly NO_SUCH_PORT: NoSuchPortFacts;
  readonly TARGET_PORT_UNRESOLVED: { readonly service: string; readonly protocol: Protocol; readonly targetPort: number | string };
  readonly SOURCE_RANGE_DENIED: {
    readonly source: IpAddress;
    readonly service: string;
    readonly ranges: readonly Prefix[];
    readonly netns: string;
  };
  readonly LOAD_BALANCER_PENDING: { readonly service: string };
  readonly PROXY_NOT_RUNNING: ProxyNotRunningFacts;
}

type ProxyNotRunningFacts =
  /** In mode none: on this node, or on none (null). */
  | { readonly why: 'none'; readonly node: string | null; readonly service: string }
  | { readonly why: 'untranslated'; readonly node: string; readonly address: IpAddress; readonly service: string }
  /** It runs, and the rules that were found on the node have none of the service's. */
  | { readonly why: 'not-written'; readonly node: string; readonly address: IpAddress; readonly service: string }
  | { readonly why: 'node-port'; readonly node: string; readonly port: number; readonly service: string };

type NoSuchPortFacts =
  | {
      readonly why: 'service';
      readonly service: string;
      readonly port: number;
      readonly protocol: Protocol;
      /** The machine whose kube-proxy refuses what the ClusterIP does not have; null: the packet went on. */
      readonly refusedBy: string | null;
    }
  | { readonly why: 'ping'; readonly service: string; readonly address: IpAddress }
  /** `service` with its namespace; `object`: what refers to it. */
  | { readonly why: 'backend'; readonly object: string; readonly service: string; readonly port: number | string };

export const serviceWords: Words<ServiceFacts> = {
  NO_SUCH_PORT: noSuchPort,
  TARGET_PORT_UNRESOLVED: ({ service, protocol, targetPort }) =>
    `no pod that service ${service} selects has a ${protocol} container port named ${targetPort}`,
  SOURCE_RANGE_DENIED: ({ source, service, ranges, netns }) =>
    named(
      `${formatAddress(source)} is in none of the source ranges of service ${service} (${ranges.map(formatPrefix).join(', ')}), and ${netns} drops it`,
    ),
  LOAD_BALANCER_PENDING: ({ service }) =>
    `service ${service} is of type LoadBalancer, and has no load balancer yet: its status has no address`,
  PROXY_NOT_RUNNING: proxyNotRunning,
};

function proxyNotRunning(facts: ProxyNotRunningFacts): Wording {
  switch (facts.why) {
    case 'none':
      return `kube-proxy's mode is none${facts.node === null ? '' : ` on ${facts.node}`}: nobody programs service ${facts.service}, and its packets go where the routes lead`;
    case 'node-port':
      return named(`${nodePort(facts)}, but kube-proxy does not run on ${facts.node}`);
    case 'not-written':
      return `nothing in the rules that were found on ${facts.node} translates ${formatAddress(facts.address)} of service ${facts.service}: kube-proxy's are missing there, or something else comes before them`;
    case 'untranslated':
      return `kube-proxy does not run on ${facts.node}, so nothing there translates ${formatAddress(facts.address)} of service ${facts.service}`;
  }
}

function noSuchPort(facts: NoSuchPortFacts): Wording {
  switch (facts.why) {
    case 'service':
      return `service ${facts.service} has no port ${facts.port}/${facts.protocol}, so ${facts.refusedBy === null ? 'no rule translates its address, and no machine has it' : `kube-proxy of ${facts.refusedBy} refuses it`}`;
    case 'ping':
      return `a ClusterIP answers no ping: ${formatAddress(facts.address)} of service ${facts.service} is translated for its ports only`;
    case 'backend':
      return named(`${facts.object} sends this to port ${facts.port} of service ${facts.service}, which has no such TCP port`);
  }
}
