import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PolicyDecision, PolicyDirection } from '../../src/datapath/policy-point.ts';
import type { Cluster } from '../../src/k8s/cluster.ts';
import type { Pod } from '../../src/k8s/pod.ts';
import { partyAt } from '../../src/k8s/policy/party.ts';
import { policingOf } from '../../src/k8s/policy/policing.ts';
import { type IpAddress, ip } from '../../src/net/address.ts';
import type { Protocol } from '../../src/net/packet.ts';
import { has } from '../../src/reach/pairs/bits.ts';
import type { Decided } from '../../src/reach/pairs/decided.ts';
import { type PolicyPairs, policyPairs } from '../../src/reach/pairs/index.ts';
import { type NaiveCluster, type NaiveFlow, naive } from '../k8s/policy/naive.ts';
import { addresses, cluster, type PolicyObject, policies, topologyOf } from '../k8s/policy/random.ts';
import { networkOf } from '../tracing.ts';

/** Random clusters with random policies of all four kinds: what the sets say of each pair and port is what policies say of it, asked one by one. */
const RUNS = Number(process.env['K8S_TRACE_PAIRS_RUNS'] ?? 12);
/** Of few clusters not all need have each kind of answer: those that every run asks do. */
const SEED = process.env['K8S_TRACE_PAIRS_RUNS'] === undefined ? { seed: 1 } : {};
const DIRECTIONS = ['ingress', 'egress'] as const;
const WITH_PORTS = ['tcp', 'udp', 'sctp'] as const;

interface Asked {
  readonly pod: Pod;
  readonly direction: PolicyDirection;
  readonly protocol: Protocol;
  readonly port: number | null;
  readonly said: Decided;
}

/** The first or the last port of each interval of ports, and ICMP, of each pod. */
function* everything(pairs: PolicyPairs, pods: readonly Pod[]): Iterable<Asked> {
  for (const pod of pods)
    for (const direction of DIRECTIONS) {
      const own = pairs.own(pod, direction);
      for (const protocol of WITH_PORTS) {
        const starts = pairs.intervals(own, protocol);
        const ports = starts.map((start, i) => ((i + Number(pod.name.slice(1, 2))) % 2 === 0 ? start : (starts[i + 1] ?? 65536) - 1));
        for (const port of ports) yield { pod, direction, protocol, port, said: pairs.decided(own, protocol, port) };
      }
      yield { pod, direction, protocol: 'icmp', port: null, said: pairs.decided(own, 'icmp', null) };
    }
}

const SETS = ['allow', 'defaultDeny', 'explicitDeny', 'unknown'] as const;
const wordOf = (said: Decided, peer: number): string => SETS.filter((set) => has(said[set], peer)).join(' and ');

const livePods = (c: Cluster): readonly Pod[] => [...c.podsByNode.values()].flat();

/** None of these is a pod's, a node's or a service's. */
const OUTSIDE = ['192.168.1.77', '1.1.1.1'];

describe('policies of all pairs at once', () => {
  it(
    'are what a naive evaluator says of all ports',
    () => {
      const seen = { allow: 0, deny: 0, unknown: 0 };
      fc.assert(
        fc.property(cluster, policies, (c, objects) => {
          const network = networkOf([topologyOf(c), ...objects.map((o) => JSON.stringify(o))].join('\n---\n'));
          const pairs = policyPairs(network.cluster);
          expect(pairs === null).toBe(objects.length === 0);
          if (pairs === null) return;
          for (const { pod, direction, protocol, port, said } of everything(pairs, livePods(network.cluster))) {
            const asked = c.pods.find((p) => p.name === pod.name);
            for (const other of [...addresses(c), ...OUTSIDE]) {
              if (asked === undefined || other === asked.ip) continue;
              const [source, destination] = direction === 'ingress' ? [other, asked.ip] : [asked.ip, other];
              const flow: NaiveFlow = { source, destination, protocol: protocol.toUpperCase(), port };
              const opinion = naive(objects, c, asked, direction, flow);
              seen[opinion]++;
              const peer = pairs.peers.at(ip(other), false);
              const word = peer === null ? 'no class' : wordOf(said, peer).replace(/^\w+Deny$/, 'deny');
              if (word !== opinion) expect({ ...flow, direction, word }).toEqual({ ...flow, direction, word: opinion });
            }
          }
        }),
        { ...SEED, numRuns: RUNS },
      );
      // Neither side agrees by allowing everything.
      expect(Math.min(seen.allow, seen.deny, seen.unknown * 20)).toBeGreaterThan(RUNS);
      if (process.env['K8S_TRACE_PAIRS_RUNS'] !== undefined) process.stderr.write(`${JSON.stringify(seen)}\n`);
    },
    RUNS * 3000,
  );

  it(
    'are what each enforcer decides, also where the input lacks something',
    () => {
      const seen = { allow: 0, defaultDeny: 0, explicitDeny: 0, unknown: 0 };
      fc.assert(
        fc.property(cluster, policies, variant, (c, objects, how) => {
          const { cluster: read } = networkOf(how.isDump ? dumpOf(c, objects, how) : plannedOf(c, objects, how));
          const [pairs, policing] = [policyPairs(read), policingOf(read)];
          if (pairs === null || policing === null) return;
          const others = [...addresses(c), ...OUTSIDE].map(ip).filter((a) => partyAt(read, a, false).kind !== 'unlisted');
          for (const { pod, direction, protocol, port, said } of everything(pairs, livePods(read)))
            for (const [n, { address, fromWorld }] of packetsOf(pairs, others, direction).entries()) {
              const peer = pairs.peers.at(address, direction === 'ingress' && fromWorld);
              const own = pod.ips[0]?.address ?? ip('0.0.0.0');
              const [source, destination] = direction === 'ingress' ? [address, own] : [own, address];
              const packet = { protocol, source, destination, destinationPort: port, calledPort: null, fromWorld };
              const want = wordFor(policing.decide(pod, direction, packet));
              seen[want]++;
              const word = peer === null ? 'no class' : wordOf(said, peer);
              if (word !== want) expect([n, pod.name, packet, direction, word]).toEqual([n, pod.name, packet, direction, want]);
            }
        }),
        { ...SEED, numRuns: RUNS },
      );
      expect(Math.min(seen.allow, seen.defaultDeny, seen.explicitDeny, seen.unknown)).toBeGreaterThan(RUNS);
      if (process.env['K8S_TRACE_PAIRS_RUNS'] !== undefined) process.stderr.write(`${JSON.stringify(seen)}\n`);
    },
    RUNS * 3000,
  );
});

interface Source {
  readonly address: IpAddress;
  readonly fromWorld: boolean | null;
}

const packetsOf = (pairs: PolicyPairs, others: readonly IpAddress[], direction: PolicyDirection): readonly Source[] => {
  const all = [...new Set([...others, ...pairs.peers.all.map((p) => p.party.address)])];
  const ways = direction === 'ingress' ? [false, true, null] : [false];
  return all.flatMap((address) => ways.map((fromWorld) => ({ address, fromWorld })));
};

const wordFor = ({ verdict, decidedBy }: PolicyDecision): (typeof SETS)[number] => {
  if (verdict === 'unknown') return 'unknown';
  if (verdict !== 'deny') return 'allow';
  return decidedBy?.rule === null ? 'defaultDeny' : 'explicitDeny';
};

interface Variant {
  readonly isDump: boolean;
  /** Empty: nothing says who enforces. */
  readonly enforcer: string;
  /** The namespaces that are objects of the input. */
  readonly listed: readonly string[];
  /** So many pods have the address of the first. */
  readonly sharing: number;
}

const variant: fc.Arbitrary<Variant> = fc.record({
  isDump: fc.boolean(),
  enforcer: fc.constantFrom('', 'calico', 'cilium', 'antrea', '{ enforcer: calico, version: "3.28" }'),
  listed: fc.subarray(['x', 'y', 'z']),
  sharing: fc.nat(2),
});

const text = (...all: readonly object[]): string => all.map((o) => JSON.stringify(o)).join('\n---\n');

const beside = (enforcer: string): string =>
  `apiVersion: k8s-trace/v1\nkind: Topology\n${enforcer === '' ? '' : `cluster: { networkPolicy: ${enforcer} }\n`}---\n`;

const metadata = (name: string, namespace: string, labels: object) => ({ name, namespace, uid: `${namespace}-${name}`, labels });
const containers = (ports: object) => [{ name: 'c', ports }];

function common({ namespaces, nodes }: NaiveCluster, objects: readonly PolicyObject[], { listed }: Variant): readonly object[] {
  const withUid = objects.map((o) => ({ ...o, metadata: { ...o.metadata, uid: o.metadata.name } }));
  return [
    ...nodes.map(({ name, ip: address, labels }, i) => ({
      apiVersion: 'v1',
      kind: 'Node',
      metadata: { name, labels },
      spec: { podCIDR: `10.244.${i + 1}.0/24` },
      status: { addresses: [{ type: 'InternalIP', address }] },
    })),
    ...listed.map((name) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels: namespaces[name] } })),
    ...withUid,
  ];
}

/** Objects of a cluster that runs: some pods have one address, and of some namespaces nothing is known. */
function dumpOf(c: NaiveCluster, objects: readonly PolicyObject[], how: Variant): string {
  const pods = c.pods.map(({ namespace, name, labels, ip: own, hostNetwork, ports }, i) => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: metadata(name, namespace, labels),
    spec: { nodeName: c.nodes[i % 2]?.name, hostNetwork, containers: containers(ports) },
    status: { phase: 'Running', podIP: !hostNetwork && i <= how.sharing ? '10.244.1.10' : own },
  }));
  return beside(how.enforcer) + text(...common(c, objects, how), ...pods);
}

/** Manifests: pods are made of templates, and lack the labels that controllers will give them, for which some policies ask. */
function plannedOf(c: NaiveCluster, objects: readonly PolicyObject[], how: Variant): string {
  const deployments = c.pods.map(({ namespace, name, labels, hostNetwork, ports }) => ({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace },
    spec: {
      replicas: 2,
      selector: { matchLabels: { own: name } },
      template: { metadata: { labels: { ...labels, own: name } }, spec: { hostNetwork, containers: containers(ports) } },
    },
  }));
  const asking: readonly PolicyObject[] = JSON.parse(
    JSON.stringify(objects).replaceAll(/"tier"(?!:"(?:Admin|Baseline)")/g, '"pod-template-hash"'),
  );
  return beside(how.enforcer) + text(...common(c, asking, how), ...deployments);
}
