import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import {
  type FactFlags,
  type InputFile,
  loadNetwork,
  type Network,
  prepareTrace,
  type TraceDocument,
  traceRequest,
} from '../../src/index.ts';
import { formatAddress } from '../../src/net/address.ts';
import { areThere, DUMPS, filesBelow, jsonOf, MISSING } from './reading.ts';

/** Questions about the policies of real dumps and manifests, with answers that follow from them or that a real kernel gave. */

function load(files: readonly InputFile[], flags: FactFlags): Network {
  const loaded = loadNetwork(files, { flags });
  if (!loaded.ok) throw new Error(loaded.diagnostics.map((d) => `${d.file}:${d.place?.line} ${d.message}`).join('\n'));
  return loaded.value;
}

const file = (...path: readonly string[]): InputFile => {
  const name = join(DUMPS, ...path);
  return { name, bytes: readFileSync(name), isFromDirectory: true };
};

function outcome(network: Network, source: string, destination: string): string {
  const answer = prepareTrace(network, { source, destination });
  if (!answer.ok) throw new Error(`${source} to ${destination}: ${answer.message}`);
  const codes = new Set(answer.traces.flatMap((t) => t.paths.map((p) => p.reason?.code ?? p.outcome)));
  return [...codes].join();
}

const DENIED = 'POLICY_DEFAULT_DENY';
const LET = 'delivered';

if (!areThere) test.skip(MISSING, () => {});

const cache = z.object({
  NodeName: z.string(),
  NsMap: z.record(z.string(), z.object({ Name: z.string(), LabelsMap: z.record(z.string(), z.string()) })),
  PodMap: z.record(
    z.string(),
    z.object({
      Name: z.string(),
      Namespace: z.string(),
      PodIP: z.string(),
      Labels: z.record(z.string(), z.string()).nullable(),
    }),
  ),
});

/** A cluster of the objects that Azure's NPM had in its cache, and the policies beside it. */
function npm(): Network {
  const { NodeName, NsMap, PodMap } = cache.parse(jsonOf('aks-npm', 'npmcachev2.json'));
  const status = { addresses: [{ type: 'InternalIP', address: '10.224.0.35' }] };
  const node = { apiVersion: 'v1', kind: 'Node', metadata: { name: NodeName }, status };
  const namespaces = Object.values(NsMap).map(({ Name, LabelsMap }) => ({
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: Name, labels: LabelsMap },
  }));
  const pods = Object.values(PodMap).map(({ Name, Namespace, PodIP, Labels }) => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: Name, namespace: Namespace, labels: Labels ?? {} },
    spec: { nodeName: NodeName, containers: [{ name: 'app', image: 'app' }] },
    status: { phase: 'Running', podIP: PodIP, podIPs: [{ ip: PodIP }] },
  }));
  const list = { apiVersion: 'v1', kind: 'List', items: [node, ...namespaces, ...pods] };
  const bytes = new TextEncoder().encode(JSON.stringify(list));
  return load([{ name: 'cache.json', bytes }, file('aks-npm', 'netpol.yaml')], { cni: 'azure-cni', networkPolicy: 'azure-npm' });
}

describe.skipIf(!areThere)('Azure NPM: its table of what is allowed', () => {
  const cells = areThere
    ? z
        .array(z.object({ src: z.string(), dst: z.string(), protocol: z.string(), port: z.number(), allowed: z.boolean() }))
        .parse(jsonOf('aks-npm', 'expected-matrix.json'))
    : [];
  const network = areThere ? npm() : null;

  test('every cell is as its authors have it; a pod to itself is not asked, which no policy keeps from passing', () => {
    if (network === null) throw new Error('the dumps are there');
    const asked = cells.filter((c) => c.src !== c.dst);
    expect(asked).toHaveLength(9 * 8 * 4);
    const wrong = asked.filter(
      (c) => outcome(network, c.src, `${c.dst}:${c.port}/${c.protocol.toLowerCase()}`) !== (c.allowed ? LET : DENIED),
    );
    expect(wrong).toEqual([]);
  });

  test.each([
    ['y/a', '168.63.129.16:80', DENIED],
    ['y/a', 'kube-system/deploy/coredns:53/udp', LET],
  ])('%s to %s: %s', (source, destination, expected) => {
    if (network === null) throw new Error('the dumps are there');
    const to = destination.includes('coredns') ? `${addressOf(network, 'k8s-app', 'kube-dns')}:53/udp` : destination;
    expect(outcome(network, source, to)).toBe(expected);
  });
});

function addressOf({ cluster }: Network, label: string, value: string): string {
  const pod = [...cluster.pods.values()].find((p) => p.labels.get(label) === value);
  const [ip] = pod?.ips ?? [];
  if (ip === undefined) throw new Error(`no pod has ${label}=${value}`);
  return formatAddress(ip.address);
}

const questions = z.array(z.object({ id: z.string(), src: z.string(), dst: z.string(), verdict: z.enum(['ALLOW', 'POLICY_DENY']) }));

/** The pods of a demonstration's manifests: workloads go by their names. */
function ask(network: Network, namespace: string, { src, dst }: { readonly src: string; readonly dst: string }): TraceDocument {
  const [, name = ''] = src.split(' ');
  const [, protocol, to = '', port] = /^(\w+) ([\w-]+)(?: [\d.]+)?:(\d+)/.exec(dst) ?? [];
  const source = src === 'internet' ? 'internet' : `${namespace}/deploy/${name}`;
  const answer = traceRequest(network, { source, destination: `${namespace}/deploy/${to}:${port}/${protocol}` });
  if (!answer.ok) throw new Error(answer.message);
  return answer.trace;
}

describe.skipIf(!areThere).each([
  ['app-online-boutique', 'default', ['kubernetes-manifests.yaml'], 'network-policies'],
  ['app-sock-shop', 'sock-shop', [], 'manifests-policy'],
] as const)('%s', (dump, namespace, single, policies) => {
  const manifests = () => (single.length > 0 ? single.map((name) => file(dump, name)) : filesBelow(join(DUMPS, dump, 'manifests')));
  const network = areThere ? load([...manifests(), ...filesBelow(join(DUMPS, dump, policies))], { networkPolicy: 'calico' }) : null;
  const rows = areThere ? questions.parse(jsonOf(dump, 'questions.json')) : [];

  test.each(rows)('$id: $src to $dst: $verdict', (question) => {
    if (network === null) throw new Error('the dumps are there');
    const { reason, outcome } = ask(network, namespace, question);
    expect(reason?.code ?? outcome).toBe(question.verdict === 'ALLOW' ? LET : DENIED);
  });
});

describe.skipIf(!areThere)('lists of pods and policies', () => {
  test.each(
    areThere
      ? [
          ['k8s_testcases', 'example_policies', 'ipblockstest'],
          ['k8s_testcases', 'example_podlist', 'services1'],
          ['k8s_testcases', 'example_policies', 'k8s-ingress-test'],
          ['istio_testcases', 'example_policies', 'bookinfo-from-live-cluster'],
        ]
      : [],
  )('%s/%s/%s is read without an error', (...path) => {
    const files = filesBelow(join(DUMPS, 'nca-podlists', ...path)).filter(({ name }) => !name.endsWith('scheme.yaml'));
    const loaded = loadNetwork(files, {});
    expect(loaded.ok ? [] : loaded.diagnostics.filter((d) => d.severity === 'error').map((d) => `${d.file}: ${d.message}`)).toEqual([]);
  });
});
