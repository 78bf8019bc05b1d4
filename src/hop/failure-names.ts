import { familyOf, formatAddress, type IpAddress, type IpFamily } from '../net/address.ts';
import { named, type Wording } from '../source/sentence.ts';
import type { Words } from './words.ts';

/** Why a program has no address to call. */
export interface NameFacts {
  readonly NO_SUCH_NAME: NoNameFacts;
  readonly IP_FAMILY_MISMATCH: FamilyFacts;
}

type FamilyFacts =
  /** The machine's own address, and the one of another family that was called. */
  | { readonly why: 'called'; readonly source: string; readonly own: IpAddress; readonly called: IpAddress }
  /** Only this family is asked for, and the destination, as a service, has no address of it, or it listens on none. */
  | { readonly why: 'service' | 'no-address' | 'no-socket'; readonly destination: string; readonly family: IpFamily };

type NoNameFacts =
  /** The service is another name for `target`: an address, which is no name, or a name that leads back to it or has no address. */
  | { readonly why: 'astray'; readonly service: string; readonly target: string; readonly end: 'address' | 'loop' | 'nameless' }
  /** `full`: the name that the cluster DNS knows, where it is another one. */
  | { readonly why: 'asks-others'; readonly name: string; readonly full: string | null; readonly asker: string; readonly excuse: Excuse }
  | ({ readonly server: string; readonly name: string } & NotFound)
  /** Nothing more is known. */
  | { readonly why: 'no-address' };

type NotFound =
  | { readonly why: 'not-searched'; readonly asker: string; readonly full: string }
  | { readonly why: 'not-ready' | 'no-hostname'; readonly pod: string; readonly service: string }
  | { readonly why: 'no-endpoint'; readonly service: string; readonly label: string }
  | { readonly why: 'no-namespace'; readonly namespace: string }
  | { readonly why: 'no-service'; readonly namespace: string; readonly service: string }
  | { readonly why: 'unknown' };

/** Why a process does not ask the cluster DNS: it is on a node or outside, or its pod's DNS policy says so. */
export type Excuse = 'node' | 'outside' | 'own-nameservers' | 'host-network' | { readonly policy: string };

export const nameWords: Words<NameFacts> = {
  NO_SUCH_NAME: noSuchName,
  IP_FAMILY_MISMATCH: familyMismatch,
};

function familyMismatch(facts: FamilyFacts): Wording {
  if (facts.why === 'called') {
    const { source, own, called } = facts;
    const family = familyOf(called);
    return named(`${source} has no ${family} address (it has ${formatAddress(own)}), and ${formatAddress(called)} is ${family}`);
  }
  const { why, destination, family } = facts;
  const lacks = why === 'no-socket' ? `listens on no ${family} address there` : `has no ${family} address`;
  const words = `${destination} ${lacks}, and only ${family} is asked for`;
  return why === 'service' ? `service ${words}` : named(words);
}

const ASTRAY = {
  address: 'which is taken for a name, and nobody has it',
  loop: 'which leads back to itself',
  nameless: 'which has no address',
} as const;

function noSuchName(facts: NoNameFacts): string {
  switch (facts.why) {
    case 'astray':
      return `service ${facts.service} is another name for ${facts.target}, ${ASTRAY[facts.end]}`;
    case 'asks-others': {
      const { name, full, asker, excuse } = facts;
      return `only the cluster DNS knows ${name}${full === null ? '' : ` (${full})`}, and ${asker} does not ask it: ${excuseText(excuse)}`;
    }
    case 'no-address':
      return 'no packet is sent: the name has no address';
    default:
      return `${facts.server} has no name ${facts.name} (NXDOMAIN)${notFound(facts)}`;
  }
}

function notFound(facts: NotFound): string {
  switch (facts.why) {
    case 'not-searched':
      return `: the search list of ${facts.asker} does not make ${facts.full} of it`;
    case 'not-ready':
      return `: pod ${facts.pod} is not ready, and service ${facts.service} gives names to ready pods only`;
    case 'no-hostname':
      return `: pod ${facts.pod} has no name of its own below service ${facts.service}`;
    case 'no-endpoint':
      return `: service ${facts.service} has no endpoint named ${facts.label}`;
    case 'no-namespace':
      return `: there is no namespace ${facts.namespace}`;
    case 'no-service':
      return `: namespace ${facts.namespace} has no service ${facts.service}`;
    case 'unknown':
      return '';
  }
}

function excuseText(excuse: Excuse): string {
  switch (excuse) {
    case 'node':
      return 'processes on nodes ask as the node is set up';
    case 'outside':
      return 'names of the cluster are not known outside';
    case 'own-nameservers':
      return 'with dnsPolicy None it has its own nameservers';
    case 'host-network':
      return "it is on its host's network, where dnsPolicy ClusterFirst means the node's own DNS";
    default:
      return `its dnsPolicy is ${excuse.policy}`;
  }
}
