import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, test } from 'vitest';
import * as z from 'zod';
import { loadNetwork, type Network, traceRequest } from '../../src/index.ts';
import { areThere, DUMPS, jsonOf, MISSING } from './reading.ts';

/**
 * A node of AKS: its iptables-save as it was published, with the ipsets and the pods that the enforcer's own cache tells of. A kernel with
 * these rules has answered the questions.
 */

const labels = z.record(z.string(), z.string());
const cache = z.object({
  NodeName: z.string(),
  NsMap: z.record(z.string(), z.object({ LabelsMap: labels })),
  PodMap: z.record(
    z.string(),
    z.object({
      Name: z.string(),
      Namespace: z.string(),
      PodIP: z.string(),
      Labels: labels,
      ContainerPorts: z.array(z.object({ name: z.string(), containerPort: z.number(), protocol: z.string() })),
    }),
  ),
  SetMap: z.record(z.string(), z.string()),
});
type Cache = z.output<typeof cache>;

const NODE = '10.224.0.35';

/** Names of sets say what is in them: `ns-NAMESPACE`, `podlabel-KEY[:VALUE]`, `nslabel-KEY[:VALUE]` and `nestedlabel-KEY:VALUE:VALUE`. */
function ipsets({ NsMap, PodMap, SetMap }: Cache): string {
  const names = new Map(Object.entries(SetMap).map(([id, name]) => [name, id]));
  const pods = Object.values(PodMap);
  const has = (own: Readonly<Record<string, string>>, label: string) => {
    const [key = '', value] = label.split(':');
    return value === undefined ? key in own : own[key] === value;
  };
  const lines = Object.entries(SetMap).flatMap(([id, name]): readonly string[] => {
    const [, kind = '', rest = ''] = /^(\w+)-(.*)$/.exec(name) ?? [];
    const nets = (addresses: readonly string[]) => [`create ${id} hash:net family inet`, ...addresses.map((a) => `add ${id} ${a}`)];
    if (kind === 'ns') return nets(pods.filter((p) => p.Namespace === rest).map((p) => p.PodIP));
    if (kind === 'podlabel') return nets(pods.filter((p) => has(p.Labels, rest)).map((p) => p.PodIP));
    return [];
  });
  const lists = Object.entries(SetMap).flatMap(([id, name]): readonly string[] => {
    const [, kind = '', rest = ''] = /^(\w+)-(.*)$/.exec(name) ?? [];
    const [key = '', ...values] = rest.split(':');
    const spaces = Object.entries(NsMap).flatMap(([ns, { LabelsMap }]) => (has(LabelsMap, rest) ? [`ns-${ns}`] : []));
    const members = kind === 'nslabel' ? spaces : kind === 'nestedlabel' ? values.map((value) => `podlabel-${key}:${value}`) : null;
    if (members === null) return [];
    return [`create ${id} list:set size 8`, ...members.flatMap((m) => names.get(m) ?? []).map((m) => `add ${id} ${m}`)];
  });
  return [...lines, ...lists, ''].join('\n');
}

const node = (name: string, address: string) => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name },
  spec: { providerID: 'azure:///subscriptions/x' },
  status: { addresses: [{ type: 'InternalIP', address }] },
});

function pod(nodeName: string, { Name: name, Namespace: namespace, PodIP, Labels, ContainerPorts }: Cache['PodMap'][string]) {
  const ports = ContainerPorts.map((p) => ({ containerPort: p.containerPort, protocol: p.protocol }));
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace, labels: Labels },
    spec: { nodeName, containers: [{ name: 'c', ports }] },
    status: { phase: 'Running', podIP: PodIP, podIPs: [{ ip: PodIP }] },
  };
}

const dns = (name: string, PodIP: string) => ({ Name: name, Namespace: 'kube-system', PodIP, Labels: {}, ContainerPorts: [] });

function aks(): Network {
  const known = cache.parse(jsonOf('aks-npm', 'npmcachev2.json'));
  const here = known.NodeName;
  const items = [
    node(here, NODE),
    node('elsewhere', '10.224.0.4'),
    ...Object.values(known.PodMap).map((p) => pod(p.Namespace === 'kube-system' ? 'elsewhere' : here, p)),
    pod('elsewhere', dns('dns-1', '10.224.0.69')),
    pod('elsewhere', dns('dns-2', '10.224.0.23')),
  ];
  const bytes = (text: string) => new TextEncoder().encode(text);
  const loaded = loadNetwork([{ name: 'objects.json', bytes: bytes(JSON.stringify({ apiVersion: 'v1', kind: 'List', items })) }], {
    flags: { cni: 'azure-cni', serviceCidr: '10.0.0.0/16' },
    nodeState: [
      {
        node: here,
        files: [
          { name: 'iptables-save', bytes: readFileSync(join(DUMPS, 'aks-npm', 'iptablesave-v2')) },
          { name: 'ipset-save', bytes: bytes(ipsets(known)) },
        ],
      },
    ],
  });
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.diagnostics, null, 1));
  return loaded.value;
}

const questions = z.array(
  z.object({
    id: z.string(),
    src: z.string(),
    dst: z.string(),
    verdict: z.string(),
    backends: z.array(z.string()).default([]),
    snat: z.string(),
  }),
);
type Question = z.output<typeof questions>[number];

const asked = areThere ? questions.parse(jsonOf('aks-npm', 'questions.json')) : [];

/** `10.224.0.69:53 (1/2)` without its share. */
const address = (backend: string) => backend.replace(/ .*$/, '');

const byText = (a: object, b: object) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1);

/** As the kernel has it: the answer, the rule's policy, where it was sent to, and in whose name. */
function expected({ verdict, backends, snat, src, dst }: Question) {
  const source = snat.startsWith('masquerade') ? NODE : (/ (10\.\S+)/.exec(src)?.[1] ?? '');
  switch (verdict) {
    case 'POLICY_DENY':
      return [{ outcome: 'dropped', code: 'FILTER_DROP', policy: 'y/base' }];
    case 'DROP':
      return [{ outcome: 'dropped', code: 'FILTER_DROP', policy: undefined }];
    case 'EXTERNAL':
      return [{ outcome: 'dropped', code: 'NO_ROUTE', policy: undefined, left: `${source} > ${/ (\S+):/.exec(dst)?.[1]}` }];
    default:
      return (backends.length === 0 ? [dst] : backends).map((to) => ({
        outcome: 'delivered',
        came: `${source} > ${address(to.replace(/^tcp /, ''))}`,
      }));
  }
}

if (!areThere) test.skip(MISSING, () => {});

describe.skipIf(!areThere)('a node of AKS with its rules', () => {
  const network = areThere ? aks() : null;
  it.each(asked)('$id $src > $dst', (question) => {
    if (network === null) return;
    const { src, dst } = question;
    const [, beyond, device] = /^external (\S+) in (\S+)/.exec(src) ?? [];
    const source = beyond ?? /^(?:pod|node) (\S+)/.exec(src)?.[1] ?? '';
    const node = [...network.cluster.nodes.keys()].find((n) => n !== 'elsewhere');
    const [, protocol, destination] = /^(tcp|udp) (\S+)/.exec(dst) ?? [];
    const answer = traceRequest(network, {
      source,
      destination: `${destination}/${protocol}`,
      ...(beyond === undefined ? {} : { in: `${node}/${device}` }),
    });
    if (!answer.ok) throw new Error(answer.message);
    const paths = answer.trace.paths.map(({ outcome, reason, forward }) => {
      const crossings = forward?.hops.filter((h) => h.kind === 'interface') ?? [];
      const last = crossings.at(-1)?.packet;
      if (outcome === 'delivered') return { outcome, came: `${last?.source} > ${last?.destination}:${last?.destinationPort}` };
      const said = { outcome, code: reason?.code, policy: / \(policy (\S+)\)$/.exec(reason?.message ?? '')?.[1] };
      const out = crossings.find((h) => h.device === 'eth0' && h.direction === 'out' && h.netns.startsWith('aks-'));
      return out === undefined ? said : { ...said, left: `${out.packet.source} > ${out.packet.destination}` };
    });
    expect(paths.toSorted(byText)).toEqual(expected(question).toSorted(byText));
  });
});
