import { familyOf, type IpAddress, type IpFamily, nextAddress } from '../../net/address.ts';
import { contains, type Prefix, prefixOf } from '../../net/prefix.ts';
import { type Diagnostic, diagnosticAt } from '../../source/diagnostic.ts';
import { type Locus, wholeDocument } from '../../source/origin.ts';
import type { TopologyInput } from '../schema/topology.ts';
import { listsOf, rootOf } from './input/index.ts';
import type { Objects } from './objects.ts';

/** What `resolve` reads: the input in a Topology's words, and where it stands. */
export interface Assembled {
  readonly input: TopologyInput;
  readonly root: Locus;
  readonly families: readonly IpFamily[];
}

/** Kubernetes objects, in a Topology's words. */
export function assemble(objects: Objects, found: Diagnostic[]): Assembled {
  const lists = listsOf(objects, ({ kind, locus }) =>
    found.push(
      diagnosticAt(locus.document, [], {
        severity: 'warning',
        code: 'bad-value',
        message: `this ${kind} has something that is not followed here, and is left out`,
      }),
    ),
  );
  const first = lists.places.nodes[0] ?? lists.places.pods[0];
  if (first === undefined) throw new Error('no objects');
  const root = rootOf(wholeDocument(first.document, 'Cluster'), lists.places);
  const nodeIps = lists.input.nodes.flatMap((n) => n.ips ?? []);
  const podIps = (lists.input.pods ?? []).flatMap((p) => (p.hostNetwork === true ? [] : (p.ips ?? [])));
  const families = (['IPv4', 'IPv6'] as const).filter((f) => [...podIps, ...nodeIps].some((a) => familyOf(a) === f));
  const segments = families.map((f) => holding(nodeIps.filter((a) => familyOf(a) === f)));
  const gateway = segments.map((s) => nextAddress(s.address));
  return {
    root,
    families,
    input: {
      apiVersion: 'k8s-trace/v1',
      kind: 'Topology',
      cluster: { podCIDRs: families.map((f) => holding(podIps.filter((a) => familyOf(a) === f))) },
      ...lists.input,
      underlay: { segments: [{ name: 'nodes', cidrs: [...segments] }] },
      internet: { gateway: { ips: [...gateway] } },
    },
  };
}

/** The smallest prefix that holds all of the addresses, and is at least a /24 or a /64. */
function holding(addresses: readonly IpAddress[]): Prefix {
  const [first] = addresses;
  if (first === undefined) throw new Error('no address');
  let length = familyOf(first) === 'IPv4' ? 24 : 64;
  while (!addresses.every((a) => contains(prefixOf(first, length), a))) length--;
  return prefixOf(first, length);
}
