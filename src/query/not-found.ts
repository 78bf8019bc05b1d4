import type { Cluster } from '../k8s/cluster.ts';
import { prefixIn } from '../k8s/families.ts';
import { scaleUp } from '../k8s/idle.ts';
import { GATEWAY } from '../k8s/network.ts';
import { unlistedServices } from '../k8s/unlisted.ts';
import { formatAddress, nextAddress } from '../net/address.ts';
import { nearest, orList } from '../source/suggest.ts';
import type { Found } from './found.ts';
import { isNoEnd, type Kind, type PlaceName } from './place.ts';
import { fail, type Parsed } from './result.ts';
import { type End, isWorkload, SHORT, thingsNamed } from './things.ts';
import { shortWord, workloadsOf } from './workload.ts';

/** Why nothing has this name here, and what was perhaps meant. */
export function notFound(cluster: Cluster, place: PlaceName, namespace: string, end: End): Parsed<Found> {
  const { kind, name, text, namespace: stated } = place;
  if (kind === null && stated !== null && isNoEnd(stated) && !hasNamespace(cluster, stated))
    return fail(`${stated} is a kind that neither sends nor receives packets`, 'name a pod, a service, a node or a workload');
  const isAlone = cluster.oneMachine !== null;
  if (name === 'internet' && kind === null && cluster.gateway === null)
    return fail(
      'the input has no way to the internet',
      isAlone ? 'an address says who is beyond, as 8.8.8.8' : `state one, as internet: { gateway: { ip: ${exampleGateway(cluster)} } }`,
    );
  const between = kind === null ? handsOn(cluster, name) : null;
  if (between !== null)
    return fail(
      `${name} is ${between.what}: it hands packets on, and is no end of a trace by its name`,
      `its address can be called: ${between.addresses.map(formatAddress).join(' or ')}`,
    );
  const idle = cluster.idle.find((w) => w.kind === kind && w.namespace === namespace && w.name === name);
  if (idle !== undefined) return fail(`${text}: it has replicas: 0, so no pod of it is there`, `scale it up: ${scaleUp(idle)}`);
  const what = kind?.toLowerCase() ?? (end === 'source' ? 'pod or node' : 'pod, service or node');
  const where = kind === 'node' ? '' : ` in namespace ${namespace}`;
  const asWritten = JSON.stringify(text.replace(/:[^:/]*(\/\w+)?$/, ''));
  const command = kind === 'service' ? unlistedServices(cluster) : null;
  if (command !== null) return fail(`there is no service ${asWritten}${where}: the input has no services`, `get them: ${command}`);
  const others = otherNames(cluster, place, namespace, end);
  const hint = isAlone
    ? [others, 'there are no objects: write an address, or give them with -f'].filter((h) => h !== null).join('; ')
    : others;
  return fail(`there is no ${what} ${asWritten}${where}`, hint);
}

/** A name that can be written instead. */
interface Spelling {
  readonly name: string;
  /** Null: here, or in none. */
  readonly elsewhere: string | null;
  /** As it stands for this thing and no other. */
  readonly text: string;
  /** In no namespace. */
  readonly isWide: boolean;
}

/** The things of this name in other namespaces, else those of names like it, else some; each as it can be typed in its place. */
function otherNames(cluster: Cluster, place: PlaceName, namespace: string, end: End): string | null {
  const { name } = place;
  const all = spellings(cluster, place, namespace, end);
  const tail = tailOf(place);
  // A namespace that was written has to be written again.
  const inside = place.namespace === null ? '' : `${place.namespace}/`;
  const typed = (s: Spelling) => `${s.elsewhere === null && !s.isWide ? inside : ''}${s.text}${tail}`;
  const offer = (some: readonly Spelling[]) => `did you mean ${orList([...new Set(some.map(typed))])}?`;
  const elsewhere = all.filter((s) => s.elsewhere !== null && s.name === name);
  if (elsewhere.length > 0) return offer(elsewhere);
  const spelt = (s: Spelling) => (s.elsewhere === null ? s.name : `${s.elsewhere}/${s.name}`);
  const like = nearest(name, all.map(spelt));
  if (like.length > 0) return offer(all.filter((s) => like.includes(spelt(s))));
  const some = all.slice(0, 8).map((s) => s.text);
  return some.length === 0 ? null : `there are: ${some.join(', ')}${all.length > 8 ? ', …' : ''}`;
}

/** The port and protocol that follow a name. */
const tailOf = ({ port, protocol }: PlaceName): string =>
  `${port === null ? '' : `:${port}`}${port === null || protocol === null ? '' : `/${protocol}`}`;

function spellings(cluster: Cluster, { kind, container }: PlaceName, here: string, end: End): readonly Spelling[] {
  if (kind !== null && isWorkload(kind))
    return workloadsOf(cluster, kind).map(({ namespace, name }) => {
      const elsewhere = namespace === here ? null : namespace;
      return { name, elsewhere, text: `${elsewhere === null ? '' : `${elsewhere}/`}${shortWord(kind)}/${name}`, isWide: false };
    });
  const wants = (k: Kind) => (kind === null ? k !== 'service' || end === 'either' : kind === k) && (container === null || k === 'pod');
  const before = container === null ? '' : `${container}@`;
  const spelling = (k: Kind, namespace: string | null, name: string): Spelling => {
    const elsewhere = namespace === null || namespace === here ? null : namespace;
    const bare = { kind: null, name, namespace: elsewhere, container: null, text: name, address: null, port: null, protocol: null };
    const isClear = kind === null && k !== 'service' && thingsNamed(cluster, bare, namespace ?? here).length === 1;
    return {
      name,
      elsewhere,
      isWide: namespace === null,
      text: `${before}${elsewhere === null ? '' : `${elsewhere}/`}${isClear ? '' : `${SHORT[k]}/`}${name}`,
    };
  };
  return [
    ...(wants('pod') ? [...cluster.pods.values()].map((p) => spelling('pod', p.namespace, p.name)) : []),
    ...(wants('service') ? [...cluster.services.values()].map((s) => spelling('service', s.namespace, s.name)) : []),
    ...(wants('node') ? [...cluster.nodes.keys()].map((n) => spelling('node', null, n)) : []),
  ];
}

const hasNamespace = ({ pods, services }: Cluster, namespace: string): boolean =>
  [...pods.values(), ...services.values()].some((o) => o.namespace === namespace);

/** The first address on the link of the first node, as gateways often have. */
function exampleGateway({ underlay, families: [primary = 'IPv4'] }: Cluster): string {
  const [first] = underlay.segments.values();
  const prefix = first === undefined ? null : prefixIn(first.prefixes, primary);
  return prefix === null ? '192.168.1.1' : formatAddress(nextAddress(prefix.address));
}

/** The gateway or a router of this name, and its addresses inside. */
function handsOn({ gateway, underlay }: Cluster, name: string) {
  if (name === GATEWAY && gateway !== null) return { what: 'the gateway', addresses: gateway.ips };
  const router = underlay.routers.find((r) => r.name === name);
  return router === undefined ? null : { what: 'a router', addresses: router.interfaces.flatMap((i) => i.ips) };
}
