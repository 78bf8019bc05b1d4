import type { IpFamily } from '../net/address.ts';
import { named, type Wording } from '../source/sentence.ts';
import type { Words } from './words.ts';

/** A service has no endpoint that would get this packet. Services are named within their namespace. */
export interface EndpointFacts {
  readonly NO_ENDPOINTS: NoEndpointsFacts;
  readonly NO_READY_ENDPOINTS: NotReadyFacts;
  readonly NO_LOCAL_ENDPOINTS: {
    readonly policy: 'internalTrafficPolicy' | 'externalTrafficPolicy';
    readonly service: string;
    readonly node: string;
    /** The nodes that have one; the address of an endpoint whose node is not known. */
    readonly elsewhere: readonly string[];
  };
}

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

export const endpointWords: Words<EndpointFacts> = {
  NO_ENDPOINTS: noEndpoints,
  NO_READY_ENDPOINTS: notReady,
  NO_LOCAL_ENDPOINTS: ({ policy, service, node, elsewhere }) =>
    named(
      `${policy} of service ${service} is Local, and ${node} has no endpoint of it; ${elsewhere.join(', ')} ${elsewhere.length > 1 ? 'have' : 'has'}`,
    ),
};

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
