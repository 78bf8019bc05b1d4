import { formatAddress, type IpAddress, ip, nextAddress, parseAddress } from '../../net/address.ts';
import { at, type Locus } from '../../source/origin.ts';
import { type KubeObject, nameOf, type Objects, objectsOf } from './objects.ts';

/** Objects whose addresses were made unreadable before they were handed on, with others in their place. */
export interface Readable {
  readonly objects: Objects;
  /** A text that stands where an address was, and an object with it; null: all are readable. */
  readonly redacted: Hidden | null;
}

/** Ranges that no cluster uses: RFC 2544 for pods and services, RFC 6598 for nodes. */
const FIRST = { pod: ip('198.18.0.1'), service: ip('198.19.0.1'), node: ip('100.64.0.1') } as const;

/** Is it a text in the place of an address, and none? `None` is a headless service's. */
const isHidden = (text: string | null | undefined): text is string =>
  text != null && text !== '' && text !== 'None' && parseAddress(text) === null && !/^[\d.:a-f]+$/i.test(text);

/**
 * Gives each pod, service and node whose address is unreadable one of its own, so that names, selectors and ports can be followed.
 */
export function readable(objects: Objects): Readable {
  const pods = objectsOf(objects, 'Pod');
  const hidden = firstHidden(objects);
  if (hidden === null) return { objects, redacted: null };
  const next = { pod: counter(FIRST.pod), service: counter(FIRST.service), node: counter(FIRST.node) };
  const nodes = new Map<string, string>();
  const nodeAddress = (name: string) => {
    const known = nodes.get(name) ?? next.node();
    nodes.set(name, known);
    return known;
  };
  const shownNodes = objectsOf(objects, 'Node').map((node) => withNodeAddress(node, () => nodeAddress(nameOf(node))));
  const shownPods = pods.map((pod) => withPodAddress(pod, nodeAddress, next.pod));
  const byKind = {
    ...objects.byKind,
    Node: shownNodes,
    Pod: shownPods,
    Service: objectsOf(objects, 'Service').map((service) => withClusterIp(service, next.service)),
    Endpoints: objectsOf(objects, 'Endpoints').filter((e) => !hasHiddenEndpoint(e)),
    EndpointSlice: objectsOf(objects, 'EndpointSlice').filter((s) => !(s.data.endpoints ?? []).some((e) => isHidden(e.addresses?.[0]))),
  };
  return { objects: { ...objects, byKind }, redacted: hidden };
}

interface Hidden {
  readonly text: string;
  readonly locus: Locus;
}

function firstHidden(objects: Objects): Hidden | null {
  for (const { data, locus } of objectsOf(objects, 'Pod'))
    if (isHidden(data.status?.podIP)) return { text: data.status.podIP, locus: at(locus, 'status', 'podIP') };
  for (const { data, locus } of objectsOf(objects, 'Service'))
    if (isHidden(data.spec?.clusterIP)) return { text: data.spec.clusterIP, locus: at(locus, 'spec', 'clusterIP') };
  return null;
}

/** Endpoints that are hidden are left to the selector, which has the same pods. */
const hasHiddenEndpoint = ({ data }: KubeObject<'Endpoints'>): boolean =>
  (data.subsets ?? []).some((s) => [...(s.addresses ?? []), ...(s.notReadyAddresses ?? [])].some((a) => isHidden(a.ip)));

function withNodeAddress(node: KubeObject<'Node'>, give: () => string): KubeObject<'Node'> {
  const { status } = node.data;
  const addresses = (status?.addresses ?? []).map((a) => (a.type === 'InternalIP' && isHidden(a.address) ? { ...a, address: give() } : a));
  return { ...node, data: { ...node.data, status: { ...status, addresses } } };
}

function withPodAddress(pod: KubeObject<'Pod'>, nodeAddress: (name: string) => string, give: () => string): KubeObject<'Pod'> {
  const { spec, status } = pod.data;
  const node = spec?.nodeName ?? null;
  const hostIP = isHidden(status?.hostIP) && node !== null ? nodeAddress(node) : status?.hostIP;
  if (!isHidden(status?.podIP)) return hostIP === status?.hostIP ? pod : { ...pod, data: { ...pod.data, status: { ...status, hostIP } } };
  const podIP = spec?.hostNetwork === true && node !== null ? nodeAddress(node) : give();
  return { ...pod, data: { ...pod.data, status: { ...status, hostIP, podIP, podIPs: null } } };
}

function withClusterIp(service: KubeObject<'Service'>, give: () => string): KubeObject<'Service'> {
  const { spec } = service.data;
  if (!isHidden(spec?.clusterIP)) return service;
  return { ...service, data: { ...service.data, spec: { ...spec, clusterIP: give(), clusterIPs: null } } };
}

function counter(first: IpAddress): () => string {
  let value = first;
  return () => {
    const given = formatAddress(value);
    value = nextAddress(value);
    return given;
  };
}
