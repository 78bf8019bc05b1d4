import type { Lack } from '../datapath/netfilter/match.ts';
import type { Hook } from '../datapath/netfilter/ruleset.ts';
import { formatAddress, type IpAddress } from '../net/address.ts';
import type { Locus, Origin } from '../source/origin.ts';
import { longer, named, type Sentence, sentence, type Wording } from '../source/sentence.ts';
import type { Code } from './code.ts';
import { type EndpointFacts, type ExternalBackend, endpointWords } from './failure-endpoints.ts';
import { type HttpFacts, httpWords } from './failure-http.ts';
import { type LinkFacts, linkWords } from './failure-links.ts';
import { type NameFacts, nameWords } from './failure-names.ts';
import { type PolicyFacts, policyWords } from './failure-policies.ts';
import { type RouteFacts, routeWords } from './failure-routes.ts';
import { type RuleFacts, ruleWords } from './failure-rules.ts';
import { type ServiceFacts, serviceWords } from './failure-services.ts';
import { type SocketFacts, socketWords } from './failure-sockets.ts';
import { type TunnelFacts, tunnelWords } from './failure-tunnels.ts';
import type { Words } from './words.ts';

/** Why a packet does not arrive: a code, its facts, and the place in the input that decided. */
export type Failure<C extends Code = Code> = {
  readonly [K in C]: {
    readonly code: K;
    readonly facts: FactsByCode[K];
    readonly origin: Origin;
    /** The name that the packet asks a DNS server for; undefined: it is no query before a connection. */
    readonly query?: string;
  };
}[C];

/** All that the words need, as data. Names of Kubernetes objects are plain text here. */
export interface FactsByCode
  extends RouteFacts,
    LinkFacts,
    RuleFacts,
    PolicyFacts,
    ServiceFacts,
    EndpointFacts,
    SocketFacts,
    HttpFacts,
    NameFacts,
    TunnelFacts {
  readonly NO_SHARED_NAMESPACE: Told;
  readonly NO_SHARED_VOLUME: Told;
  readonly VOLUME_READ_ONLY: Told;
  readonly FACT_MISSING: MissingFact;
}

/** Words that are made where the facts are: for what containers share. */
interface Told {
  readonly words: Wording;
}

type MissingFact =
  | Told
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
  /** The query to the first nameserver fails, and there are others. */
  | { readonly why: 'next-nameserver'; readonly first: Failure }
  /** What a part of the cluster does is not known, and by what is taken for it the packet fails. */
  | { readonly why: 'guess'; readonly guesses: readonly GuessedPart[]; readonly first: Failure }
  /** `command` is the one that would tell. `withoutPods`: the namespace that it selects pods of; null: it has no selector. */
  | { readonly why: 'endpoints'; readonly service: string; readonly withoutPods: string | null; readonly command: string }
  | { readonly why: 'services'; readonly what: 'name' | 'address'; readonly sought: string; readonly command: string }
  | { readonly why: 'load-balancer-name'; readonly service: string; readonly hostname: string; readonly command: string }
  /** A pod runs, by its phase. */
  | { readonly why: 'pod-place'; readonly pod: string; readonly lacks: 'node' | 'address'; readonly command: string }
  /** Which of several entries for one endpoint counts? */
  | { readonly why: 'endpoint-twice'; readonly service: string; readonly endpoint: string; readonly copies: readonly Locus[] }
  /** Which of them gets a packet to it? */
  | { readonly why: 'address-twice'; readonly address: string; readonly pods: readonly string[] }
  /** Whose rules come first? */
  | { readonly why: 'cluster-ip-twice'; readonly address: string; readonly services: readonly string[] }
  /** An address that was made up decides. */
  | { readonly why: 'stand-in'; readonly of: string }
  /** Objects do not tell who is around the nodes, nor who answers for what is on each link alone. */
  | { readonly why: 'beside-nodes' | 'link-local'; readonly address: IpAddress; readonly node: string }
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
  /** Does a match match that is not modelled, or that asks for what nobody gave? */
  | {
      readonly why: 'unknown-match';
      readonly netns: string;
      readonly table: string;
      readonly chain: string;
      readonly rule: string;
      readonly match: string;
      /** Null: nothing but a model of it. */
      readonly lacks: Lack | null;
    }
  /** What does a target do that is not modelled? */
  | {
      readonly why: 'unknown-target';
      readonly netns: string;
      readonly table: string;
      readonly chain: string;
      readonly rule: string;
      readonly target: string;
    }
  /** Which of base chains with one priority runs first? `chains`: with their tables. */
  | { readonly why: 'chain-order'; readonly netns: string; readonly hook: Hook; readonly chains: readonly string[] }
  /** What does a chain of nft below IP make of the packet? Without `rule`: its policy, or ARP's packets hang on it. */
  | {
      readonly why: 'below-ip';
      readonly netns: string;
      readonly table: string;
      readonly chain: string;
      readonly hook: string;
      readonly devices: readonly string[];
      readonly rule: string | null;
    }
  /** Does a routing rule select the packet, what does it do, or what does a route? `by`: the rule or the route; `unmodelled`: what that hangs on. */
  | {
      readonly why: 'unknown-way';
      readonly netns: string;
      readonly asks: 'selector' | 'action' | 'route';
      readonly by: string;
      readonly unmodelled: string;
    }
  /** Another tunnel would carry the packet of a tunnel. */
  | { readonly why: 'tunnel-in-tunnel'; readonly netns: string; readonly device: string }
  /** A device leads nobody knows where. */
  | {
      readonly why: 'device';
      readonly netns: string;
      readonly device: string;
      readonly type: string | null;
      readonly destination: IpAddress;
    }
  /** Does `lo` have the address? */
  | { readonly why: 'loopback-address'; readonly source: string; readonly address: IpAddress };

/** `command` is the one that would tell. */
interface GuessedPart {
  readonly name: string;
  readonly command: string;
}

const told = ({ words }: Told) => words;

const WORDS: Words<FactsByCode> = {
  ...routeWords,
  ...linkWords,
  ...ruleWords,
  ...policyWords,
  ...serviceWords,
  ...endpointWords,
  ...socketWords,
  ...httpWords,
  ...nameWords,
  ...tunnelWords,
  NO_SHARED_NAMESPACE: told,
  NO_SHARED_VOLUME: told,
  VOLUME_READ_ONLY: told,
  FACT_MISSING: missingFact,
};

/** A failure in words. */
export const describeFailure = (failure: Failure): string => failureSentence(failure).text;

/** The same, for the beginning of a line too. */
export function failureSentence<C extends Code>({ code, facts, query }: Failure<C>): Sentence {
  const words = sentence(WORDS[code](facts));
  return query === undefined ? words : sentence(`the DNS query for ${query} fails: ${words.text}`);
}

function missingFact(facts: MissingFact): Wording {
  if ('words' in facts) return facts.words;
  switch (facts.why) {
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
    case 'next-nameserver':
      return longer(failureSentence(facts.first), '; what the next nameserver says is not followed');
    case 'guess': {
      const { guesses, first } = facts;
      const names = [...new Set(guesses.map((g) => g.name))];
      const [are, them] = names.length === 1 ? ['is', 'it'] : ['are', 'them'];
      return `whether this works hangs on ${names.join(' and ')}, which ${are} not modelled; by what is taken for ${them}, ${failureSentence(first).text}`;
    }
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
      return `the input does not have the addresses of ${facts.of}, and whether those are reached from outside hangs on them`;
    case 'beside-nodes':
      return `the input does not say whether a machine beside the nodes has ${formatAddress(facts.address)}: no object tells of the network that ${facts.node} is on, nor of what is beyond`;
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
    case 'unknown-match':
      return named(
        `whether a packet is one of ${facts.match} is not known (${facts.lacks === null ? 'that is not modelled' : `nothing that was given has ${facts.lacks.what}`}), and the rule ${facts.rule} of chain ${facts.chain} (table ${facts.table}) on ${facts.netns} hangs on it`,
      );
    case 'unknown-target':
      return named(
        `what ${facts.target} makes of a packet is not known (that is not modelled), and the rule ${facts.rule} of chain ${facts.chain} (table ${facts.table}) on ${facts.netns} takes it`,
      );
    case 'chain-order':
      return named(
        `${facts.hook} of ${facts.netns} has ${facts.chains.length} base chains with one priority, ${inWords(facts.chains)}; which of them came first, and so runs last, no listing shows, and the packet's way hangs on it`,
      );
    case 'below-ip': {
      const { netns, table, chain, hook, devices, rule } = facts;
      const at = devices.length === 0 ? hook : `${hook} of ${inWords(devices)}`;
      const what = rule === null ? 'may drop what passes it' : `has the rule ${rule} for this packet`;
      return named(
        `chain ${chain} (table ${table}, ${at}) on ${netns} ${what}; what chains of nft at devices, at bridges and of ARP do is not modelled`,
      );
    }
    case 'unknown-way':
      return unknownWay(facts);
    case 'tunnel-in-tunnel':
      return `the packet of a tunnel would be carried by another one, ${facts.device} of ${facts.netns}, which is not followed`;
    case 'device': {
      const { netns, device, type, destination } = facts;
      const what = type === null ? device : `${device} (${type})`;
      return named(
        `${netns} sends it out by ${what}, and where that device leads, and whether ${formatAddress(destination)} is there, is not known`,
      );
    }
    case 'loopback-address':
      return `whether lo of ${facts.source} has ${formatAddress(facts.address)} hangs on net.ipv6.conf.lo.disable_ipv6, which the input does not say`;
  }
}

const inWords = (names: readonly string[]): string =>
  [names.slice(0, -1).join(', '), ...names.slice(-1)].filter((n) => n !== '').join(' and ');

function unknownWay({ netns, asks, by, unmodelled }: Extract<MissingFact, { why: 'unknown-way' }>): string {
  if (asks === 'selector')
    return `whether the routing rule ${by} of ${netns} is for this packet is not known: ${unmodelled} is not modelled`;
  if (asks === 'action') return `the routing rule ${by} of ${netns} is for this packet, and what comes of that is not known`;
  return `the route ${by} of ${netns} is for this packet, and where it goes is not known: ${unmodelled} is not modelled`;
}
