import { familyOf, type IpAddress, type IpFamily, inFamily } from '../../net/address.ts';
import type { Origin } from '../../source/origin.ts';
import { nearest } from '../../source/suggest.ts';
import type { Cluster } from '../cluster.ts';
import type { Frontend } from '../http/http.ts';
import type { OutsideHost } from '../network.ts';
import type { Service } from '../service.ts';
import { type Answer, isBelow, type Named, namespacesOf, queryZone } from './dns-zone.ts';
import { type Asker, askerNamespace, type Resolver, resolverOf, type Server } from './resolver.ts';

type RecordType = 'A' | 'AAAA';

/** The record that addresses of a family stand in. */
export const recordType = (family: IpFamily): RecordType => (family === 'IPv4' ? 'A' : 'AAAA');

/** One name that was looked for on the way to an answer. */
export interface Step {
  readonly name: string;
  readonly answer: RecordType | 'CNAME' | 'NODATA' | 'NXDOMAIN' | 'unknown';
  /** The name that a CNAME leads to. */
  readonly target: string | null;
  readonly addresses: readonly IpAddress[];
}

/** The result of a look-up. */
export interface Resolution {
  /** As it was asked, in lower case. */
  readonly question: string;
  /** Of the addresses that were asked for. */
  readonly family: IpFamily;
  readonly asker: Asker;
  readonly resolver: Resolver;
  /** The source of the answer; without one, the last that was tried. */
  readonly from: 'hosts' | 'dns';
  readonly steps: readonly Step[];
  readonly found: Found;
}

/** No server in the input has it, and it is taken to stand for the controller that has a rule for it. */
interface PublicName {
  readonly kind: 'controller';
  readonly frontend: Frontend;
}

export type Found =
  | {
      readonly kind: 'addresses';
      /** The name that has them, which CNAMEs may have led to. */
      readonly name: string;
      readonly addresses: readonly IpAddress[];
      readonly named: Named | { readonly kind: 'hosts' } | PublicName;
      /** The ExternalName services on the way. */
      readonly aliases: readonly Service[];
      readonly origin: Origin;
    }
  | {
      readonly kind: 'none';
      /** A headless service that would be the answer if it had a ready endpoint. */
      readonly empty: Service | null;
      /** An ExternalName service that leads nowhere: its name has no address, or leads back. */
      readonly astray: { readonly service: Service; readonly target: string; readonly loop: boolean } | null;
    }
  /** Another server, of which the input says nothing, would be asked for this name. */
  | { readonly kind: 'unknown'; readonly name: string; readonly aliases: readonly Service[] };

/** One name, followed through its CNAMEs. */
interface Followed {
  readonly steps: readonly Step[];
  readonly answer: Exclude<Answer, { kind: 'CNAME' }>;
  readonly name: string;
  readonly aliases: readonly Service[];
  readonly loop: boolean;
}

/**
 * Looks a name up as the C library does: /etc/hosts (nsswitch.conf: files dns), then the names that ndots and the search list make of
 * it, until one has an address. Source: resolv.conf(5); __res_context_search, resolv/res_query.c (glibc).
 */
export function resolve(
  cluster: Cluster,
  asker: Asker,
  name: string,
  family: IpFamily,
  resolver: Resolver = resolverOf(cluster, asker),
): Resolution {
  const question = name.toLowerCase();
  const base = { question, family, asker, resolver };
  const lines = inHosts(resolver, question);
  const line = lines.find(({ address }) => familyOf(address) === family);
  // A name that /etc/hosts has is asked of no server, not even where its lines have no address of this family.
  if (line === undefined && lines.length > 0) {
    const step: Step = { name: question, answer: 'NODATA', target: null, addresses: [] };
    return { ...base, from: 'hosts', steps: [step], found: { kind: 'none', empty: null, astray: null } };
  }
  if (line !== undefined) {
    const { address, origin } = line;
    const step: Step = { name: question, answer: recordType(family), target: null, addresses: [address] };
    const found = { kind: 'addresses', name: question, addresses: [address], named: { kind: 'hosts' }, aliases: [], origin } as const;
    return { ...base, from: 'hosts', steps: [step], found };
  }
  const steps: Step[] = [];
  let none: Extract<Found, { kind: 'none' }> = { kind: 'none', empty: null, astray: null };
  for (const candidate of candidates(question, resolver)) {
    const followed = follow(cluster, base, resolver.server, candidate);
    steps.push(...followed.steps);
    const { answer, aliases } = followed;
    if (answer.kind === 'unknown') return { ...base, from: 'dns', steps, found: { kind: 'unknown', name: followed.name, aliases } };
    if (answer.kind === 'addresses') return { ...base, from: 'dns', steps, found: { ...answer, name: followed.name, aliases } };
    const service = aliases.at(-1);
    if (none.astray === null && service !== undefined) none = { ...none, astray: { service, target: followed.name, loop: followed.loop } };
    if (none.empty === null && answer.kind === 'NXDOMAIN' && answer.empty !== undefined) none = { ...none, empty: answer.empty };
  }
  return { ...base, from: 'dns', steps, found: none };
}

/** A name with its dot at the end is not in a hosts file. */
function inHosts({ hosts }: Resolver, question: string) {
  return hosts.filter((line) => line.names.some((n) => n.toLowerCase() === question));
}

/** The names that a resolver asks for, in order. */
function candidates(question: string, { searches, ndots }: Resolver): readonly string[] {
  if (question.endsWith('.')) return [question.slice(0, -1)];
  const searched = searches.map((domain) => `${question}.${domain}`);
  const dots = question.split('.').length - 1;
  return dots >= ndots ? [question, ...searched] : [...searched, question];
}

/** CoreDNS follows so many CNAMEs at most, and none twice. Source: plugin/backend_lookup.go, A. */
const MOST_CNAMES = 8;

type Client = Pick<Resolution, 'asker' | 'family'>;

function follow(cluster: Cluster, client: Client, server: Server, first: string): Followed {
  const steps: Step[] = [];
  const aliases: Service[] = [];
  const seen = new Set<string>();
  let name = first;
  for (;;) {
    seen.add(name);
    const answer = query(cluster, client, server, name);
    steps.push(stepOf(name, answer));
    if (answer.kind !== 'CNAME') return { steps, answer, name, aliases, loop: false };
    aliases.push(answer.service);
    if (seen.has(answer.target) || seen.size > MOST_CNAMES)
      return { steps, answer: { kind: 'NODATA' }, name: answer.target, aliases, loop: true };
    name = answer.target;
  }
}

function stepOf(name: string, answer: Answer): Step {
  return {
    name,
    answer: answer.kind === 'addresses' ? recordTypeOf(answer.addresses) : answer.kind,
    target: answer.kind === 'CNAME' ? answer.target : null,
    addresses: answer.kind === 'addresses' ? answer.addresses : [],
  };
}

/** All addresses of one answer are of one family. */
const recordTypeOf = ([first]: readonly IpAddress[]): RecordType => recordType(first === undefined ? 'IPv4' : familyOf(first));

function query(cluster: Cluster, { asker, family }: Client, { knows }: Server, name: string): Answer {
  if (isBelow(name, cluster.clusterDomain)) return knows === 'cluster' ? queryZone(cluster, name, family) : { kind: 'NXDOMAIN' };
  const host = outsideHost(cluster, name);
  if (host !== undefined) {
    const ip = inFamily(host.ips, family);
    if (ip === null) return { kind: 'NODATA' };
    return { kind: 'addresses', addresses: [ip], named: { kind: 'outside', host }, origin: host.origin };
  }
  return isMeantForCluster(cluster, askerNamespace(asker), name) ? { kind: 'NXDOMAIN' } : { kind: 'unknown' };
}

/** A machine on the internet whose name is a DNS name. */
const outsideHost = (cluster: Cluster, name: string): OutsideHost | undefined =>
  name.includes('.') ? cluster.outside.find((h) => h.name === name) : undefined;

/** Ends that no name on the internet has, and those that names of a cluster have. Source: RFC 6761, RFC 6762. */
const NOT_PUBLIC = ['svc', 'pod', 'local', 'localhost', 'invalid', 'test'];

/**
 * Is a name that is not in the cluster's zone meant for it all the same? It is taken to be when it is a single label, or ends in the name
 * of a service next to the asker or of a namespace, which may be misspelt after a service's. No server outside is then taken to have it.
 */
function isMeantForCluster(cluster: Cluster, home: string, name: string): boolean {
  const [last = '', service] = name.split('.').reverse();
  const namespaces = namespacesOf(cluster);
  if (service === undefined || NOT_PUBLIC.includes(last) || namespaces.has(last) || cluster.services.has(`${home}/${last}`)) return true;
  return nearest(last, namespaces).some((n) => cluster.services.has(`${n}/${service}`));
}
