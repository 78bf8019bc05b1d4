import { formatAddress, formatEndpoint, type IpAddress, type IpFamily } from '../net/address.ts';
import type { Protocol } from '../net/packet.ts';
import { formatPrefix, type Prefix } from '../net/prefix.ts';
import { named, type Wording } from '../source/sentence.ts';
import type { Words } from './words.ts';

interface NotRunningFacts {
  readonly pod: string;
  readonly phase: string;
  readonly isScheduled: boolean;
  /** It has an address, and no container that runs: how each of them is. */
  readonly halted: string | null;
}

/** Faults of a service, its endpoints or the socket behind them. Services are named within their namespace. */
export interface ServiceFacts {
  /** Its phase is Kubernetes' word. */
  readonly POD_NOT_RUNNING: NotRunningFacts;
  readonly NOBODY_LISTENS: SocketFacts;
  readonly LISTENS_ON_LOOPBACK: BoundElsewhere;
  readonly NO_SUCH_PORT: NoSuchPortFacts;
  readonly TARGET_PORT_UNRESOLVED: { readonly service: string; readonly protocol: Protocol; readonly targetPort: number | string };
  readonly NO_ENDPOINTS: NoEndpointsFacts;
  readonly NO_READY_ENDPOINTS: NotReadyFacts;
  readonly NO_LOCAL_ENDPOINTS: {
    readonly policy: 'internalTrafficPolicy' | 'externalTrafficPolicy';
    readonly service: string;
    readonly node: string;
    /** The nodes that have one; the address of an endpoint whose node is not known. */
    readonly elsewhere: readonly string[];
  };
  readonly SOURCE_RANGE_DENIED: {
    readonly source: IpAddress;
    readonly service: string;
    readonly ranges: readonly Prefix[];
    readonly netns: string;
  };
  readonly LOAD_BALANCER_PENDING: { readonly service: string };
  readonly PROXY_NOT_RUNNING: /** In mode none: on this node, or on none (null). */
    | { readonly why: 'none'; readonly node: string | null; readonly service: string }
    | { readonly why: 'untranslated'; readonly node: string; readonly address: IpAddress; readonly service: string }
    | { readonly why: 'node-port'; readonly node: string; readonly port: number; readonly service: string };
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

type SocketFacts =
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
  | { readonly why: 'source-address'; readonly address: IpAddress };

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

type NoEndpointsFacts =
  /** The selected pods have no address of the family; `others` is how many more than the named one. */
  | {
      readonly why: 'pods-of-other-family';
      readonly service: string;
      readonly family: IpFamily;
      readonly pod: string;
      readonly others: number;
    }
  | { readonly why: 'stated-of-other-family'; readonly service: string; readonly family: IpFamily; readonly other: IpFamily }
  | { readonly why: 'none-stated' | 'stated-without-name'; readonly service: string; readonly port: string }
  | { readonly why: 'no-selector' | 'selects-nothing'; readonly service: string }
  /** The workload whose pods it would select has `replicas: 0`. */
  | { readonly why: 'scaled-down'; readonly service: string; readonly workload: string }
  /** All pods that the selector matches are not there; `others` is how many more than the named one. */
  | { readonly why: 'not-running'; readonly service: string; readonly pod: string; readonly phase: string; readonly others: number }
  | ExternalBackend
  | Nameless;

/** `service` with its namespace, and the name that it stands for; `object`: what refers to it. */
export interface ExternalBackend {
  readonly why: 'external-name';
  readonly object: string;
  readonly service: string;
  readonly name: string;
}

/** A headless service without a ready endpoint; null: its name is not known. */
interface Nameless {
  readonly why: 'headless';
  readonly service: string | null;
}

type NotReadyFacts =
  | { readonly why: 'not-ready'; readonly service: string; readonly port: string; readonly count: number }
  /** An Ingress or Gateway controller uses ready endpoints only. */
  | { readonly why: 'controller'; readonly service: string }
  | Nameless;

export const serviceWords: Words<ServiceFacts> = {
  POD_NOT_RUNNING: podNotRunning,
  NOBODY_LISTENS: noSocket,
  LISTENS_ON_LOOPBACK: boundElsewhere,
  NO_SUCH_PORT: noSuchPort,
  TARGET_PORT_UNRESOLVED: ({ service, protocol, targetPort }) =>
    `no pod that service ${service} selects has a ${protocol} container port named ${targetPort}`,
  NO_ENDPOINTS: noEndpoints,
  NO_READY_ENDPOINTS: notReady,
  NO_LOCAL_ENDPOINTS: ({ policy, service, node, elsewhere }) =>
    named(
      `${policy} of service ${service} is Local, and ${node} has no endpoint of it; ${elsewhere.join(', ')} ${elsewhere.length > 1 ? 'have' : 'has'}`,
    ),
  SOURCE_RANGE_DENIED: ({ source, service, ranges, netns }) =>
    named(
      `${formatAddress(source)} is in none of the source ranges of service ${service} (${ranges.map(formatPrefix).join(', ')}), and ${netns} drops it`,
    ),
  LOAD_BALANCER_PENDING: ({ service }) =>
    `service ${service} is of type LoadBalancer, and has no load balancer yet: its status has no address`,
  PROXY_NOT_RUNNING: proxyNotRunning,
};

function proxyNotRunning(facts: ServiceFacts['PROXY_NOT_RUNNING']): Wording {
  switch (facts.why) {
    case 'none':
      return `kube-proxy's mode is none${facts.node === null ? '' : ` on ${facts.node}`}: nobody programs service ${facts.service}, and its packets go where the routes lead`;
    case 'node-port':
      return named(`${nodePort(facts)}, but kube-proxy does not run on ${facts.node}`);
    case 'untranslated':
      return `kube-proxy does not run on ${facts.node}, so nothing there translates ${formatAddress(facts.address)} of service ${facts.service}`;
  }
}

function podNotRunning({ pod, phase, isScheduled, halted }: NotRunningFacts): Wording {
  if (phase === 'Succeeded' || phase === 'Failed')
    return `pod ${pod} has run to its end (phase ${phase}): it has no process and no address any more`;
  if (halted !== null) return `none of the containers of pod ${pod} runs (${halted})`;
  return `pod ${pod} does not run yet (phase ${phase}): ${isScheduled ? 'it has no address' : 'it is on no node'}`;
}

const nodePort = ({ port, service }: { readonly port: number; readonly service: string }) =>
  `${port} is the node port of service ${service}`;

const calledText = ({ address, port, protocol }: Called) => `${formatEndpoint(address, port)}/${protocol}`;

function noSocket(facts: SocketFacts): Wording {
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
  }
}

function boundElsewhere({ process, bound, called }: BoundElsewhere): Wording {
  return named(`${process} listens on ${formatAddress(bound)} only, not on ${calledText(called)}`);
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

function noEndpoints(facts: NoEndpointsFacts): Wording {
  switch (facts.why) {
    case 'pods-of-other-family': {
      const { service, family, pod, others } = facts;
      const [pods, have] = others === 0 ? [pod, 'has'] : [`${pod} and ${others} more`, 'have'];
      return `service ${service} has no ${family} endpoints: ${pods}, which it selects, ${have} no ${family} address`;
    }
    case 'stated-of-other-family':
      return `service ${facts.service} has no ${facts.family} endpoints: all that are stated are ${facts.other}`;
    case 'none-stated':
      return `service ${facts.service} (port ${facts.port}) has no endpoints: they are stated, and none is there`;
    case 'stated-without-name':
      return `service ${facts.service} (port ${facts.port}) has no endpoints: those that are stated name no port, and kube-proxy finds a port's by its name`;
    case 'no-selector':
      return `service ${facts.service} has no endpoints: it has no selector, and none are stated`;
    case 'selects-nothing':
      return `service ${facts.service} has no endpoints: its selector matches no pod`;
    case 'scaled-down':
      return `service ${facts.service} has no endpoints: ${facts.workload}, whose pods it selects, has replicas: 0`;
    case 'not-running': {
      const { service, pod, phase, others } = facts;
      const [pods, run] =
        others === 0
          ? [`${pod} (phase ${phase}), which it selects,`, 'does']
          : [`${pod} (phase ${phase}) and ${others} more, which it selects,`, 'do'];
      return `service ${service} has no endpoints: ${pods} ${run} not run`;
    }
    case 'external-name':
      return named(
        `${facts.object} sends this to service ${facts.service}, which is only another name for ${facts.name} (ExternalName) and has no endpoints`,
      );
    case 'headless':
      return headless(facts);
  }
}

function notReady(facts: NotReadyFacts): Wording {
  switch (facts.why) {
    case 'not-ready': {
      const { service, port, count } = facts;
      const whose = `of service ${service} (port ${port})`;
      return count === 1 ? `the only endpoint ${whose} is not ready` : `all ${count} endpoints ${whose} are not ready`;
    }
    case 'controller':
      return `no endpoint of service ${facts.service} is ready: those that serve while they terminate get nothing from a controller`;
    case 'headless':
      return headless(facts);
  }
}

function headless({ service }: Nameless): Wording {
  const lacks = 'is headless and has no ready endpoint, so its name has no address';
  return service === null ? `the service ${lacks}` : named(`${service} ${lacks}`);
}
