import type { Cluster } from '../k8s/cluster.ts';
import { nodeIp, nodeIps, podIp } from '../k8s/families.ts';
import { hasAddress } from '../k8s/found-on.ts';
import type { OutsideHost } from '../k8s/network.ts';
import type { Node } from '../k8s/node.ts';
import { isThere, key, netnsOf, type Pod } from '../k8s/pod.ts';
import { formatAddress, type IpAddress, type IpFamily, inFamily, ip } from '../net/address.ts';
import { beyondMachine } from './beyond.ts';
import { unknownContainer } from './destination.ts';
import { find } from './find.ts';
import { internetNote, isOutside } from './outside.ts';
import type { PlaceName } from './place.ts';
import type { Source } from './question.ts';
import { fail, type Parsed } from './result.ts';
import type { Workload } from './workload.ts';

/** The source that a place stands for, with its address of a family, or of another where it has none of this. An address is only itself. */
export function findSource(cluster: Cluster, place: PlaceName, namespace: string, family: IpFamily, entry?: string): Parsed<Source> {
  if (place.port !== null) return fail(`${place.text}: a source has no port; it is always 40000`, 'leave the port out');
  const own = entry === undefined && place.address !== null ? ownerOf(cluster, place.address) : null;
  if (own !== null) return boundTo(nodeSource(place, own, place.address ?? undefined));
  const beyond = beyondMachine(cluster, place, entry);
  if (beyond !== null) return beyond;
  const found = find(cluster, place, namespace, 'source');
  if (!found.ok) return found;
  const { value } = found;
  const owner = value.kind === 'address' ? value.owner : value;
  if (value.kind === 'address' && owner === null) return assumedHost(cluster, place, value.address);
  switch (owner?.kind) {
    case 'node': {
      const ip = place.address ?? nodeIp(owner.node, family) ?? nodeIps(owner.node)[0];
      return nodeSource(place, owner.node, ip);
    }
    case 'host': {
      const ip = place.address ?? inFamily(owner.host.ips, family) ?? owner.host.ips[0];
      if (ip === undefined) return withoutAddress(place);
      const note = internetNote(place, owner.host);
      return { ok: true, value: { ...hostSource(owner.host, ip), ...(note === null ? {} : { note }) } };
    }
    case 'pod': {
      const bad = place.container === null ? null : unknownContainer(owner.pod, place.container);
      return (
        bad ?? podSource(place, owner.pod, place.address ?? podIp(owner.pod, family) ?? owner.pod.ips[0]?.address ?? UNSPECIFIED[family])
      );
    }
    case 'workload':
      return firstPod(place, owner.workload, family);
    default:
      return fail(`${place.text} is a service, and services do not send`, 'name a pod or a node as source');
  }
}

/** An address of the only machine's is one that a program there has chosen: by the machine's name, the kernel chooses. */
const boundTo = (source: Parsed<Source>): Parsed<Source> => (source.ok ? { ok: true, value: { ...source.value, isBound: true } } : source);

/** The only machine, of which nothing but its state is known, where the address is one of its own. */
function ownerOf({ oneMachine, nodes }: Cluster, address: IpAddress): Node | null {
  const [node] = nodes.values();
  if (oneMachine === null || node === undefined || node.found === null) return null;
  return hasAddress(node.found, address) ? node : null;
}

/** The first by name, which is said. */
function firstPod(place: PlaceName, { pods }: Workload, family: IpFamily): Parsed<Source> {
  const [first] = pods;
  if (first === undefined) return withoutAddress(place);
  const source = podSource(place, first, podIp(first, family) ?? first.ips[0]?.address ?? UNSPECIFIED[family]);
  if (!source.ok || pods.length === 1) return source;
  return { ok: true, value: { ...source.value, note: `${place.text} has ${pods.length} pods: ${first.name} asks, the first by name` } };
}

const withoutAddress = ({ text }: PlaceName) => fail(`${text} has no address, so it sends nothing`);

/** An address that the input does not name: if the internet may have it, it is taken to be a machine there. */
function assumedHost(cluster: Cluster, place: PlaceName, address: IpAddress): Parsed<Source> {
  if (!isOutside(cluster, address))
    return fail(
      `nobody known has the address ${place.text}`,
      [...cluster.nodes.values()].some((node) => node.found !== null)
        ? 'a packet starts at a pod or a node; one from beyond what is known, at a device that was found: --in NODE/DEVICE'
        : 'a packet starts at a pod, a node, or, with internet.gateway, a public address',
    );
  return { ok: true, value: { ...hostSource({ name: formatAddress(address) }, address), assumedOutside: true } };
}

function nodeSource(place: PlaceName, { name }: Node, ip: IpAddress | undefined): Parsed<Source> {
  if (place.container !== null) return fail(`${place.text}: only pods have containers`);
  if (ip === undefined) return withoutAddress(place);
  const process = `a process on ${name}`;
  return {
    ok: true,
    value: { kind: 'Node', namespace: null, name, container: null, node: name, netns: name, ip, process, assumedOutside: false },
  };
}

const hostSource = ({ name }: Pick<OutsideHost, 'name'>, ip: IpAddress): Source => ({
  kind: 'Host',
  namespace: null,
  name,
  container: null,
  node: name,
  netns: name,
  ip,
  process: `a process on ${name}`,
  assumedOutside: false,
});

/** The address of a socket that has none. */
const UNSPECIFIED: Readonly<Record<IpFamily, IpAddress>> = { IPv4: ip('0.0.0.0'), IPv6: ip('::') };

/** A pod that is not there has a place of its own: its node's is another's. */
function podSource(place: PlaceName, pod: Pod, ip: IpAddress): Parsed<Source> {
  const { container } = place;
  // Which of several containers sends makes no difference to the packet, so none is named.
  const first = container ?? (pod.containers.length === 1 ? (pod.containers[0]?.name ?? null) : null);
  return {
    ok: true,
    value: {
      kind: 'Pod',
      namespace: pod.namespace,
      name: pod.name,
      container,
      node: pod.node ?? '',
      netns: isThere(pod) ? netnsOf(pod) : key(pod),
      ip,
      process: first === null ? `a process of ${pod.name}` : `${first}@${pod.name}`,
      assumedOutside: false,
    },
  };
}
