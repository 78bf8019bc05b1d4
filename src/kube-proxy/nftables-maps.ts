import { type KeyType, type KeyValue, keyText, type MapElement, type VerdictMap } from '../datapath/netfilter/sets.ts';
import type { IpAddress, IpFamily } from '../net/address.ts';
import { WORDS } from './nftables-port.ts';
import type { PortEntries } from './nftables-service.ts';
import type { IndexedPort, PortIndex } from './port-index.ts';

type MapName = Exclude<keyof PortEntries, 'chains' | 'sets'>;
type EntriesOf = (port: IndexedPort) => PortEntries;

const COMMENTS: Readonly<Record<MapName, string>> = {
  'no-endpoint-services': 'vmap to drop or reject packets to services with no endpoints',
  'no-endpoint-nodeports': 'vmap to drop or reject packets to service nodeports with no endpoints',
  'firewall-ips': 'destinations that are subject to LoadBalancerSourceRanges',
  'service-ips': 'ClusterIP, ExternalIP and LoadBalancer IP traffic',
  'service-nodeports': 'NodePort traffic',
};

/**
 * The maps that dispatch packets to ports. A port's entries are made when a packet for it comes by, or when all are printed. Of several services
 * with one address and port the first counts; kube-proxy goes by the one that it comes to last, which nobody knows.
 */
export function dispatchMaps(index: PortIndex, entriesOf: EntriesOf, family: IpFamily): Readonly<Record<MapName, VerdictMap>> {
  const onAddress: readonly KeyType[] = [WORDS[family].address, 'inet_proto', 'inet_service'];
  const map = (name: MapName, type: readonly KeyType[], candidates: (key: readonly KeyValue[]) => readonly IndexedPort[]): VerdictMap => ({
    kind: 'map',
    name,
    type,
    flags: [],
    timeout: null,
    comment: COMMENTS[name],
    elements: () => firstOfEach(index.all.flatMap((p) => entriesOf(p)[name])),
    find(values) {
      for (const port of candidates(values)) for (const e of entriesOf(port)[name]) if (isSame(e.key, values)) return e;
      return undefined;
    },
  });
  const byAddress = ([address, protocol, number]: readonly KeyValue[]) =>
    index.byAddress.get(address as IpAddress)?.filter(({ port }) => port.port === number && port.protocol === protocol) ?? [];
  const byNodePort = ([, number]: readonly KeyValue[]) => index.byNodePort.get(Number(number)) ?? [];
  const onNodePort: readonly KeyType[] = ['inet_proto', 'inet_service'];
  return {
    'no-endpoint-services': map('no-endpoint-services', onAddress, byAddress),
    'no-endpoint-nodeports': map('no-endpoint-nodeports', onNodePort, byNodePort),
    'firewall-ips': map('firewall-ips', onAddress, byAddress),
    'service-ips': map('service-ips', onAddress, byAddress),
    'service-nodeports': map('service-nodeports', onNodePort, byNodePort),
  };
}

/** Written out: a packet is looked up in these at each hook. */
function isSame(key: MapElement['key'], values: readonly KeyValue[]): boolean {
  for (let i = 0; i < key.length; i++) if (key[i] !== values[i]) return false;
  return true;
}

function firstOfEach(elements: readonly MapElement[]): Iterable<MapElement> {
  const byKey = new Map<string, MapElement>();
  for (const e of elements) {
    const text = keyText(e.key as readonly KeyValue[]);
    if (!byKey.has(text)) byKey.set(text, e);
  }
  return byKey.values();
}
