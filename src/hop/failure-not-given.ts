import type { Untold } from '../datapath/untold.ts';
import { formatAddress, type IpAddress } from '../net/address.ts';
import type { Locus } from '../source/origin.ts';
import { named, type Wording } from '../source/sentence.ts';
import type { ExternalBackend } from './failure-endpoints.ts';

/** What the input does not say, or what whoever it is left to decides. */
export type NotGiven =
  /** Rules or routes of a machine that a text was to tell. */
  | ({ readonly why: 'untold'; readonly netns: string } & Untold)
  | { readonly why: 'unserved'; readonly url: string }
  | { readonly why: 'no-controller'; readonly frontend: string }
  /** The connection ends where no pod of the controller is. */
  | { readonly why: 'another-process'; readonly netns: string; readonly frontend: string }
  | { readonly why: 'regular-expression'; readonly route: string; readonly url: string }
  /** An object that has something no reader follows. */
  | { readonly why: 'not-followed'; readonly object: string; readonly because: string; readonly url: string }
  | { readonly why: 'unlisted'; readonly object: string; readonly what: string; readonly command: string }
  /** The input does not have the address of this name. */
  | { readonly why: 'name'; readonly name: string }
  /** Whether this controller calls what an ExternalName stands for is its own choice. */
  | ExternalBackend
  /** `command` is the one that would tell. `withoutPods`: the namespace that it selects pods of; null: it has no selector. */
  | { readonly why: 'endpoints'; readonly service: string; readonly withoutPods: string | null; readonly command: string }
  | { readonly why: 'services'; readonly what: 'name' | 'address'; readonly sought: string; readonly command: string }
  | { readonly why: 'load-balancer-name'; readonly service: string; readonly hostname: string; readonly command: string }
  /** A pod runs, by its phase. */
  | { readonly why: 'pod-place'; readonly pod: string; readonly lacks: 'node' | 'address'; readonly command: string }
  /** Which of several entries for one endpoint counts? */
  | { readonly why: 'endpoint-twice'; readonly service: string; readonly endpoint: string; readonly copies: readonly Locus[] }
  /** Which of them gets a packet to it? One may be the pods' machine. */
  | { readonly why: 'address-twice'; readonly address: string; readonly pods: readonly string[] }
  /** Whose rules come first? */
  | { readonly why: 'cluster-ip-twice'; readonly address: string; readonly services: readonly string[] }
  /** An address that was made up decides; beside what was found on nodes, it is not the one that they have. */
  | { readonly why: 'stand-in'; readonly of: string; readonly isBesideState: boolean }
  /** Objects do not tell who is around the nodes, nor who answers for what is on each link alone. */
  | { readonly why: 'beside-nodes' | 'link-local'; readonly address: IpAddress; readonly node: string }
  /** A node's routes lead to a gateway of which no object tells, with what is for a pod. */
  | { readonly why: 'by-gateway'; readonly address: IpAddress; readonly node: string }
  /** Whether policies let a pod's packet pass hangs on what the text says. */
  | {
      readonly why: 'policy';
      readonly direction: 'ingress' | 'egress';
      readonly pod: string;
      readonly text: string;
      readonly command: string | null;
    }
  /** Policies of kinds that are not evaluated, and that may be about the pod. */
  | { readonly why: 'foreign-policy'; readonly policies: readonly string[]; readonly pod: string; readonly direction: 'ingress' | 'egress' }
  /** Heard by more than one, and by none under this address. */
  | { readonly why: 'answers-as'; readonly netns: string; readonly address: IpAddress }
  /** Does `lo` have the address? */
  | { readonly why: 'loopback-address'; readonly source: string; readonly address: IpAddress };

/** That, in words. */
export function notGiven(facts: NotGiven): Wording {
  switch (facts.why) {
    case 'untold':
      return `${facts.what} on ${facts.netns} is not known: ${facts.because}`;
    case 'unserved':
      return `nobody serves ${facts.url}`;
    case 'no-controller':
      return `the input does not say which service ${facts.frontend} is served by`;
    case 'another-process':
      return `the connection ends in ${facts.netns}, which is none of the pods behind ${facts.frontend}: what answers there is not in the input`;
    case 'regular-expression':
      return `whether ${facts.route} matches ${facts.url} is decided by a regular expression, which each implementation reads in its own way`;
    case 'not-followed':
      return `${facts.object} may have a part in ${facts.url}, and is not followed: ${facts.because}`;
    case 'unlisted':
      return `${facts.object} matches, and ${facts.what} is not in the input`;
    case 'name':
      return `the input does not say what address ${facts.name} has`;
    case 'external-name':
      return named(
        `${facts.object} sends this to service ${facts.service}, which is only another name for ${facts.name} (ExternalName): whether a controller calls that is its own choice`,
      );
    case 'endpoints': {
      const why = facts.withoutPods === null ? 'it has no selector' : `no pod of namespace ${facts.withoutPods} is in the input`;
      return `the input does not say which endpoints service ${facts.service} has: ${why}, and its endpoints are none of the objects`;
    }
    case 'services':
      return `the input does not say whether a service has the ${facts.what} ${facts.sought}: no service${facts.what === 'name' ? ' of its namespace' : ''} is in it`;
    case 'load-balancer-name':
      return `the load balancer of service ${facts.service} is ${facts.hostname}, and the input does not say what address that has`;
    case 'pod-place':
      return `pod ${facts.pod} runs (phase Running), and the input does not say ${facts.lacks === 'node' ? 'on which node' : 'its address'}`;
    case 'endpoint-twice':
      return `service ${facts.service} has ${facts.endpoint} in ${facts.copies.length} entries that are not alike, and kube-proxy takes whichever it comes to last`;
    case 'address-twice':
      return `${facts.pods.join(' and ')} have one address, ${facts.address}, and which of them gets a packet to it the input does not say`;
    case 'cluster-ip-twice':
      return `services ${facts.services.join(' and ')} have one ClusterIP, ${facts.address}, and whose rules kube-proxy writes first the input does not say`;
    case 'stand-in':
      return facts.isBesideState
        ? `the input does not have the addresses of ${facts.of}, and those that stand in are not the ones that devices and routes have in their state`
        : `the input does not have the addresses of ${facts.of}, and whether those are reached from outside hangs on them`;
    case 'beside-nodes':
      return `the input does not say whether a machine beside the nodes has ${formatAddress(facts.address)}: no object tells of the network that ${facts.node} is on, nor of what is beyond`;
    case 'by-gateway':
      return `${facts.node} has no route of its own to ${formatAddress(facts.address)}, and whether the gateway that its default route leads to hands pods' packets on the input does not say`;
    case 'link-local':
      return `${formatAddress(facts.address)} is a link-local address, and who answers for it on the link of ${facts.node}, or in its place, as a cloud's metadata service, the input does not say`;
    case 'policy':
      return `whether policies let this ${facts.direction === 'ingress' ? 'into' : 'out of'} ${facts.pod} is not known: the input does not say ${facts.text}`;
    case 'foreign-policy':
      return named(
        `${facts.policies.join(' and ')} may decide what ${facts.pod} ${facts.direction === 'ingress' ? 'gets' : 'sends'}, and policies of that kind are not evaluated`,
      );
    case 'answers-as':
      return `${facts.netns} hears packets to ${formatAddress(facts.address)}, but answers by another address, and whether the client takes that for an answer the input does not say`;
    case 'loopback-address':
      return `whether lo of ${facts.source} has ${formatAddress(facts.address)} hangs on net.ipv6.conf.lo.disable_ipv6, which the input does not say`;
  }
}
