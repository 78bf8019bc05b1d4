import type { DriftDocument } from '../../src/index.ts';
import { run } from '../cli/fake-io.ts';

export const WORLD = `apiVersion: k8s-trace/v1
kind: Topology
cluster: { podCIDR: 10.244.0.0/16, serviceCIDR: 10.96.0.0/12, cni: bridge, kubeProxy: iptables }
nodes:
  - { name: node-1, ip: 192.168.1.11, podCIDR: 10.244.1.0/24 }
  - { name: node-2, ip: 192.168.1.12, podCIDR: 10.244.2.0/24 }
pods:
  - { name: a, node: node-1, ip: 10.244.1.10, labels: { app: a }, containers: [ { name: c, ports: [ { containerPort: 8080 } ] } ] }
  - { name: b, node: node-2, ip: 10.244.2.10, labels: { app: b }, containers: [ { name: c, ports: [ { containerPort: 8080 } ] } ] }
services:
  - { name: web, clusterIP: 10.96.0.10, selector: { app: b }, ports: [ { port: 80, targetPort: 8080 } ] }
internet: { gateway: { ip: 192.168.1.1, publicIP: 203.0.113.1 } }
`;

export type Files = Readonly<Record<string, string>>;

/** What the compiled node has, as commands print it. */
export async function healthy(world = WORLD): Promise<Files> {
  const rules = await run('show node node-1 --rules -f world.yaml', { files: { 'world.yaml': world } });
  return {
    'world.yaml': world,
    'state/node-1/iptables-save': rules.stdout,
    'state/node-1/ip-route': `default via 192.168.1.1 dev eth0
10.244.1.0/24 dev cni0 proto kernel scope link src 10.244.1.1
10.244.2.0/24 via 192.168.1.12 dev eth0
192.168.1.0/24 dev eth0 proto kernel scope link src 192.168.1.11
`,
    'state/node-1/sysctl': 'net.ipv4.ip_forward = 1\nnet.bridge.bridge-nf-call-iptables = 1\nnet.ipv4.conf.all.route_localnet = 1\n',
  };
}

export async function driftOf(files: Files, argv = ''): Promise<DriftDocument & { readonly status: number }> {
  const { status, stdout, stderr } = await run(`drift -f world.yaml --node-state state -o json ${argv}`, { files });
  if (stdout === '') throw new Error(stderr);
  return { ...JSON.parse(stdout), status };
}

export const edited = (files: Files, name: string, edit: (text: string) => string): Files => {
  const text = files[name];
  if (text === undefined || edit(text) === text) throw new Error(`${name}: the edit changes nothing`);
  return { ...files, [name]: edit(text) };
};

export const without = (pattern: RegExp) => (text: string) => text.replace(pattern, '');
export const lineOf = (files: Files, name: string, text: string) =>
  (files[name] ?? '').split('\n').findIndex((l) => l.startsWith(text)) + 1;

/** `Pod/default/a -> Pod/default/b 8080: delivered, dropped NO_ROUTE`. */
export const flowText = ({ source, destination, port, should, has }: DriftDocument['flows'][number]) => {
  const short = (name: string) => name.replace(/^(Pod|Service)\/default\//, '');
  return `${short(source)} -> ${short(destination)} ${port ?? 'icmp'}: ${should.code ?? should.outcome}, ${has.outcome} ${has.code ?? ''}`.trim();
};

export const SAVE = 'state/node-1/iptables-save';
export const ROUTES = 'state/node-1/ip-route';
export const SYSCTL = 'state/node-1/sysctl';
export const FORWARD_REJECT = '-A FORWARD -i cni0 -j REJECT --reject-with icmp-port-unreachable';
