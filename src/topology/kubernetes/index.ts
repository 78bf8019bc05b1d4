import { familyOf, type IpAddress, type IpFamily, nextAddress } from '../../net/address.ts';
import { contains, type Prefix, prefixOf } from '../../net/prefix.ts';
import { type Diagnostic, diagnosticAt } from '../../source/diagnostic.ts';
import { type Locus, wholeDocument } from '../../source/origin.ts';
import type { TopologyInput } from '../schema/topology.ts';
import { type Beside, mergeLists } from './beside.ts';
import { expand } from './expand.ts';
import { listsOf, rootOf } from './input/index.ts';
import type { Objects } from './objects.ts';
import { readable } from './redacted.ts';

/** What `resolve` reads: the input in a Topology's words, and where it stands. */
export interface Assembled {
  readonly input: TopologyInput;
  readonly root: Locus;
  readonly families: readonly IpFamily[];
}

/** What a command line says beside the files. */
export interface LoadOptions {
  /** On how many nodes manifests are taken to run. */
  readonly nodes?: number;
}

/** Enough for a packet to leave a node. */
const USUAL_NODES = 2;

/** Kubernetes objects, in a Topology's words. */
export function assemble(given: Objects, beside: Beside | null, options: LoadOptions, found: Diagnostic[]): Assembled {
  const { objects: shown } = readable(given);
  const { objects, assumedNodes } = expand(shown, options.nodes ?? USUAL_NODES);
  const own = listsOf(objects, assumedNodes, ({ kind, locus }) =>
    found.push(
      diagnosticAt(locus.document, [], {
        severity: 'warning',
        code: 'bad-value',
        message: `this ${kind} has something that is not followed here, and is left out`,
      }),
    ),
  );
  const lists = beside === null ? own : mergeLists(own, beside);
  const first = lists.places.nodes[0] ?? lists.places.pods[0];
  if (first === undefined) throw new Error('no objects');
  const root = rootOf(beside?.locus ?? wholeDocument(first.document, 'Cluster'), lists.places);
  const nodeIps = lists.input.nodes.flatMap((n) => n.ips ?? []);
  const podIps = (lists.input.pods ?? []).flatMap((p) => (p.hostNetwork === true ? [] : (p.ips ?? [])));
  const ranges = [...podIps, ...lists.input.nodes.flatMap((n) => (n.podCIDRs ?? []).map((p) => p.address))];
  const families = (['IPv4', 'IPv6'] as const).filter((f) => [...podIps, ...nodeIps].some((a) => familyOf(a) === f));
  const segments = families.map((f) => holding(nodeIps.filter((a) => familyOf(a) === f)));
  const gateway = segments.map((s) => nextAddress(s.address));
  return {
    root,
    families,
    input: {
      apiVersion: 'k8s-trace/v1',
      kind: 'Topology',
      cluster: { podCIDRs: families.map((f) => holding(ranges.filter((a) => familyOf(a) === f))), ...beside?.input.cluster },
      ...lists.input,
      underlay: beside?.input.underlay ?? { segments: [{ name: 'nodes', cidrs: [...segments] }] },
      internet: beside?.input.internet ?? { gateway: { ips: [...gateway] } },
      expect: beside?.input.expect,
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
