import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { addAddress } from '../../src/datapath/add-address.ts';
import { finish, newNetns } from '../../src/datapath/build.ts';
import { rulesetBuilder } from '../../src/datapath/netfilter/builder.ts';
import { iptablesSave } from '../../src/datapath/netfilter/iptables-save.ts';
import { printRule } from '../../src/datapath/netfilter/print-rule.ts';
import type { Service } from '../../src/k8s/service.ts';
import { proxyModes } from '../../src/kube-proxy/index.ts';
import { endpointChain, portProtoHash, serviceChain } from '../../src/kube-proxy/names.ts';
import { formatEndpoint, type IpFamily, parseAddress } from '../../src/net/address.ts';
import type { Packet, Protocol } from '../../src/net/packet.ts';
import { cidr, hostPrefix } from '../../src/net/prefix.ts';
import { inferred, type Locus } from '../../src/source/origin.ts';
import { type Traversal, traverse } from '../../src/stage/chain.ts';
import { isLocalAddress } from '../../src/stage/match.ts';
import type { Skb } from '../../src/stage/skb.ts';

/** The packet flows of kube-proxy's own tests, as facts (fixtures/packetflow.json): all 86 must agree. */
interface Flow {
  readonly name: string;
  readonly sourceIP: string;
  readonly protocol: string;
  readonly destIP: string;
  readonly destPort: number;
  readonly verdict: string;
  readonly backends: readonly string[];
  readonly masq: boolean;
}

interface Setup {
  readonly ipFamily: string;
  readonly nodeName: string;
  readonly nodeIP: string;
  readonly localIPs: readonly string[];
  readonly localDetector: { readonly cidr: string };
  readonly masqueradeAll: boolean;
  readonly localhostNodePorts: boolean;
  readonly nodePortAddresses: readonly string[] | null;
  readonly services: readonly {
    readonly namespace: string;
    readonly name: string;
    readonly type: string;
    readonly clusterIP: string;
    readonly ports: readonly { readonly name: string; readonly protocol: string; readonly port: number; readonly nodePort: number }[];
    readonly externalIPs: readonly string[];
    readonly loadBalancerIngress: readonly string[];
    readonly loadBalancerSourceRanges: readonly string[];
    readonly externalTrafficPolicy: string | null;
    readonly internalTrafficPolicy: string | null;
    readonly healthCheckNodePort: number;
  }[];
  readonly endpointSlices: readonly {
    readonly namespace: string;
    readonly service: string;
    readonly ports: readonly { readonly name: string; readonly port: number; readonly protocol: string }[];
    readonly endpoints: readonly {
      readonly addresses: readonly string[];
      readonly nodeName: string | null;
      readonly conditions: { readonly ready: boolean | null; readonly serving: boolean | null; readonly terminating: boolean | null };
    }[];
  }[];
}

const suites: readonly { readonly id: string; readonly setup: Setup; readonly flows: readonly Flow[] }[] = JSON.parse(
  readFileSync(new URL('../../fixtures/packetflow.json', import.meta.url), 'utf8'),
);

const locus: Locus = {
  document: { file: 'packetflow.json', index: 0, position: () => ({ line: 1, column: 1 }), line: () => '' },
  path: [],
  object: 'test',
};
const transport = (p: string) => p.toLowerCase() as Exclude<Protocol, 'icmp'>;

/** kube-proxy reads 172.30.0.041 as decimal; this version's topologies refuse leading zeros, so the test takes them away. */
function sloppy(text: string) {
  const address = parseAddress(text.includes(':') ? text : text.replace(/\b0+(?=\d)/g, ''));
  if (address === null) throw new Error(text);
  return address;
}

const policy = (text: string | null) => (text === 'Local' ? 'Local' : 'Cluster');

function servicesOf(setup: Setup): ReadonlyMap<string, Service> {
  return new Map(
    setup.services.map((s) => {
      const slices = setup.endpointSlices.filter((e) => e.namespace === s.namespace && e.service === s.name);
      const ports = s.ports.map((p) => {
        const endpoints = slices.flatMap((slice) =>
          slice.ports
            .filter((q) => q.name === p.name && q.protocol === p.protocol)
            .flatMap((q) =>
              slice.endpoints.map((e) => ({
                ip: sloppy(e.addresses[0] ?? ''),
                port: q.port,
                ready: e.conditions.ready !== false,
                serving: e.conditions.serving !== false,
                terminating: e.conditions.terminating === true,
                hostname: null,
                node: e.nodeName,
                hints: null,
                pod: null,
                locus,
                readyLocus: locus,
              })),
            ),
        );
        return {
          name: p.name,
          port: p.port,
          protocol: transport(p.protocol),
          targetPort: p.port,
          nodePort: p.nodePort === 0 ? null : p.nodePort,
          endpoints,
          unresolved: [],
          explicitEndpoints: null,
          endpointsUnknown: null,
          locus,
        };
      });
      return [
        `${s.namespace}/${s.name}`,
        {
          namespace: s.namespace,
          name: s.name,
          type: s.type as Service['type'],
          ipFamilies: [setup.ipFamily as IpFamily],
          clusterIps: [sloppy(s.clusterIP)],
          externalName: null,
          publishNotReadyAddresses: false,
          externalIps: s.externalIPs.map(sloppy),
          loadBalancerHostnames: [],
          loadBalancerIngress: s.loadBalancerIngress.map((ip) => ({ ip: sloppy(ip), mode: 'VIP', locus })),
          loadBalancerSourceRanges: s.loadBalancerSourceRanges.map((r) => cidr(r.trim().replace(/\b0+(?=\d)/g, ''))),
          externalTrafficPolicy: policy(s.externalTrafficPolicy),
          internalTrafficPolicy: policy(s.internalTrafficPolicy),
          sessionAffinityTimeoutSeconds: null,
          healthCheckNodePort: s.healthCheckNodePort === 0 ? null : s.healthCheckNodePort,
          selector: new Map(),
          ports,
          locus,
        },
      ];
    }),
  );
}

const isOf = (family: string) => (text: string) => text.includes(':') === (family === 'IPv6');

const localAddresses = ({ localIPs, ipFamily }: Setup) => localIPs.filter(isOf(ipFamily)).map(sloppy);

function rulesetOf(setup: Setup) {
  const { masqueradeAll, localhostNodePorts, nodePortAddresses } = setup;
  const ranges = nodePortAddresses?.map(cidr) ?? null;
  const cluster = {
    services: servicesOf(setup),
    kubeProxy: {
      mode: 'iptables',
      guess: null,
      detectLocal: { mode: 'ClusterCIDR', cidrs: [cidr(setup.localDetector.cidr)] },
      masqueradeBit: 14,
      masqueradeAll,
      localhostNodePorts,
      nodePortAddresses: ranges,
      origin: inferred(null),
    },
  } as const;
  const builder = rulesetBuilder();
  const node = {
    name: setup.nodeName,
    addresses: [{ type: 'InternalIP', address: sloppy(setup.nodeIP), locus } as const],
    labels: new Map<string, string>(),
    podCidrs: [],
    interfaceAddresses: localAddresses(setup),
  };
  proxyModes.iptables.compile(cluster, setup.ipFamily as IpFamily).program(node, builder, new Map());
  return builder.build();
}

/** As the upstream tracer does it: nat PREROUTING first, all endpoints of a probabilistic jump; what was not translated meets filter. */
function run(setup: Setup, flow: Flow) {
  const ruleset = rulesetOf(setup);
  const made = newNetns({ name: setup.nodeName, node: setup.nodeName, role: 'node' }, inferred(null), []);
  const lo = made.netns.devices.get('lo');
  if (lo === undefined) throw new Error('no lo');
  for (const address of localAddresses(setup)) addAddress(made, lo, address, hostPrefix(address), inferred(null));
  const netns = finish(made, null);
  const packet: Packet = {
    protocol: transport(flow.protocol),
    source: sloppy(flow.sourceIP),
    sourcePort: 40000,
    destination: sloppy(flow.destIP),
    destinationPort: flow.destPort,
    tcpFlags: null,
    ttl: 64,
    size: 60,
    icmp: null,
  };
  const tracked = { connection: null, direction: 'original', state: 'NEW' };
  const skb = {
    packet,
    netns,
    mark: 0,
    input: null,
    output: null,
    inputPort: null,
    outputPort: null,
    bridged: null,
    tracked,
  } as unknown as Skb;
  const through = (table: 'nat' | 'filter', hook: string): readonly Traversal[] => {
    const found = ruleset.tables[table];
    const base = found?.chain(hook);
    return found === undefined || base === undefined ? [] : traverse(found, base, skb);
  };
  const nat = through('nat', 'PREROUTING');
  const backends = nat.flatMap(({ verdict }) => (verdict?.kind === 'DNAT' ? [formatEndpoint(verdict.address, verdict.port ?? 0)] : []));
  const filter = through('filter', isLocalAddress(netns, packet.destination) ? 'INPUT' : 'FORWARD');
  const decided = filter.find((p) => p.verdict !== null)?.verdict?.kind.toLowerCase() ?? 'none';
  return {
    backends,
    masq: backends.length > 0 && nat.some((p) => p.steps.some((s) => s.chain === 'KUBE-MARK-MASQ')),
    verdict: backends.length > 0 ? 'backends' : decided,
    rules: [...nat, ...filter].flatMap((p) => p.steps.map((s) => `${s.chain}: ${printRule(s.rule)}`)),
  };
}

describe("kube-proxy's packet flows", () => {
  for (const { id, setup, flows } of suites)
    for (const flow of flows)
      it(`${id}: ${flow.name}`, () => {
        const { rules, ...result } = run(setup, flow);
        expect(result, rules.join('\n')).toEqual({ backends: flow.backends, masq: flow.masq, verdict: flow.verdict });
      });

  it('are 86', () => expect(suites.flatMap((s) => s.flows).length).toBe(86));
});

/** Numerically verified vectors: service port, protocol, hash. */
describe("kube-proxy's chain names", () => {
  it.each([
    ['ns1/svc1:p80', 'tcp', 'XPGD46QRK7WJZT7O'],
    ['default/kubernetes:https', 'tcp', 'NPX46M4PTMTKRN6Y'],
    ['kube-system/kube-dns:dns', 'udp', 'TCOU7JCQXEZGVUNU'],
    ['kube-system/kube-dns:dns-tcp', 'tcp', 'ERIFXISQEP7F7OF4'],
  ])('%s %s', (port, protocol, hash) => expect(serviceChain(port, protocol)).toBe(`KUBE-SVC-${hash}`));

  it('endpoint', () => {
    expect(endpointChain('ns1/svc1:p80', 'tcp', '10.180.0.1:80')).toBe('KUBE-SEP-SXIVWICOYRO3J4NJ');
    expect(portProtoHash('ns1/svc1:p80tcp')).toBe('XPGD46QRK7WJZT7O');
  });
});

describe('the rules in print', () => {
  const setup = suites.find((s) => s.id.includes('TestClusterIPGeneral'))?.setup;
  it('has base chains with the jumps in the order of a fresh node', () => {
    if (setup === undefined) throw new Error('no such suite');
    const text = iptablesSave(rulesetOf(setup));
    const forward = text.split('\n').filter((l) => l.startsWith('-A FORWARD'));
    expect(forward.map((l) => l.replace(/^.*-j /, ''))).toEqual([
      'KUBE-PROXY-FIREWALL',
      'KUBE-FORWARD',
      'KUBE-SERVICES',
      'KUBE-EXTERNAL-SERVICES',
    ]);
    expect(text).toContain(
      '-A KUBE-SERVICES -d 172.30.0.42/32 -p udp -m comment --comment "ns2/svc2:dns-udp cluster IP" -m udp --dport 53 -j KUBE-SVC-',
    );
    expect(text).toContain('-m statistic --mode random --probability 0.5000000000 -j KUBE-SEP-');
    expect(text.split('\n').findLast((l) => l.startsWith('-A KUBE-SERVICES'))).toContain('-m addrtype --dst-type LOCAL -j KUBE-NODEPORTS');
  });
});
