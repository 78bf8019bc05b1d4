import { readFileSync } from 'node:fs';
import { type CheckDocument, checking, formatDiagnostics, loadNetwork, type Network } from '../../src/index.ts';

/** A small cluster with an example of every outcome, and expectations of it. */
export const WORLD = `apiVersion: k8s-trace/v1
kind: Topology
cluster: { podCIDR: 10.244.0.0/16, serviceCIDR: 10.96.0.0/12 }
nodes:
  - name: node-1
    ip: 192.168.1.11
    podCIDR: 10.244.1.0/24
    routes: { add: [ { to: 172.16.0.0/12, type: blackhole }, { to: 10.244.9.0/24, via: 192.168.1.12 } ] }
  - name: node-2
    ip: 192.168.1.12
    podCIDR: 10.244.2.0/24
    routes: { add: [ { to: 10.244.9.0/24, via: 192.168.1.11 } ] }
pods:
  - { name: a, node: node-1, ip: 10.244.1.10, labels: { app: client, tier: front }, containers: [ { name: app, ports: [ { name: http, containerPort: 8080 } ] } ] }
  - { name: b, node: node-1, ip: 10.244.1.11, labels: { app: web, tier: front }, containers: [ { name: app, ports: [ { name: http, containerPort: 8080 } ] } ] }
  - { name: c, node: node-2, ip: 10.244.2.10, labels: { app: web }, containers: [ { name: app, ports: [ { name: http, containerPort: 8080 } ] } ] }
  - { name: d, namespace: shop, node: node-2, ip: 10.244.2.11, labels: { app: web }, containers: [ { name: app, ports: [ { name: http, containerPort: 9090 }, { name: dns, containerPort: 53, protocol: UDP } ] } ] }
services:
  - { name: web, clusterIP: 10.96.0.10, selector: { app: web }, ports: [ { name: http, port: 80, targetPort: http } ] }
  - { name: node-port, type: NodePort, clusterIP: 10.96.0.11, selector: { app: client }, ports: [ { port: 80, targetPort: http, nodePort: 30080 } ] }
  - { name: half, clusterIP: 10.96.0.12, ports: [ { port: 80 } ] }
  - { name: headless, clusterIP: None, selector: { app: web }, ports: [ { port: 8080 } ] }
  - { name: two, namespace: shop, clusterIP: 10.96.0.13, selector: { app: web }, ports: [ { name: http, port: 80, targetPort: http }, { name: dns, port: 53, targetPort: dns, protocol: UDP } ] }
endpoints:
  - { service: half, addresses: [ { ip: 10.244.2.10, port: 8080 }, { ip: 10.244.2.10, port: 81 } ] }
internet: { gateway: { ip: 192.168.1.1, publicIP: 203.0.113.1 }, clients: [ { name: laptop, ip: 198.51.100.7 } ] }
`;

export interface File {
  readonly name: string;
  readonly text: string;
}

const bytes = ({ name, text }: File) => ({ name, bytes: new TextEncoder().encode(text) });

export function networkOf(files: readonly File[]): Network {
  const loaded = loadNetwork(files.map(bytes));
  if (!loaded.ok) throw new Error(formatDiagnostics(loaded.diagnostics, { width: 200, color: false }));
  return loaded.value;
}

/** The world with expectations, one a line as flow mappings, in a document of their own. */
export const expecting = (...lines: readonly string[]) => expectingOf({ name: 'world.yaml', text: WORLD }, ...lines);

/** The same of another world. */
export function expectingOf(world: File, ...lines: readonly string[]): readonly File[] {
  const text = `apiVersion: k8s-trace/v1\nkind: Expectations\nexpect:\n${lines.map((l) => `  - ${l}\n`).join('')}`;
  return [world, { name: 'expect.yaml', text }];
}

export const TAKEN = { namespace: 'default', undetermined: 'fail', failOn: 'error' } as const;
type Taken = Parameters<Awaited<ReturnType<typeof checking>>['checkNetwork']>[1];

/** What was checked. */
export async function documentOf(files: readonly File[], taken: Partial<Taken> = {}): Promise<CheckDocument> {
  const { checkNetwork } = await checking();
  return checkNetwork(networkOf(files), { ...TAKEN, ...taken });
}

/** What could not be asked, a line each: `expect.yaml:4:7: MESSAGE; HINT`. */
export async function unaskedIn(files: readonly File[]): Promise<string> {
  const { results } = await documentOf(files);
  const lines = results.flatMap(({ unasked, decided }) =>
    unasked === undefined ? [] : [`${decided?.file}:${decided?.line}:${decided?.column}: ${unasked.message}; ${unasked.hint}`],
  );
  return lines.join('\n');
}

/** A folder of fixtures/sample. */
export function sample(which: 'before' | 'after'): readonly File[] {
  const read = (name: string): File => ({
    name: `${which}/${name}`,
    text: readFileSync(new URL(`../../fixtures/sample/${which}/${name}`, import.meta.url), 'utf8'),
  });
  return [read('expectations.yaml'), read('topology.yaml')];
}

/** Names with all that any of the formats could take for its own. */
export const HOSTILE = [
  '"quoted" & \'single\' <b onclick="x()">bold</b>',
  ']]> <!-- --> </failure>',
  '::error file=x,title=y::owned, line=1',
  '%0A::error::owned',
  'line one\n::warning::line two\r\nnot ok 1 - owned\n1..0',
  'back`tick ``` ~~~ ~~struck~~ *em* __strong__ | pipe | \\ backslash',
  '# SKIP this # TODO that \\# and * _ [link](http://evil.example) ![i](x) www.evil.example @everyone #1 :tada:',
  '\u001b[31mred\u0007 \u2028 \u202e \u0000 \ufffe \ud800',
  'end --> x"] ;%% subgraph',
  '\u007f \u0085 \u009b31m \u061c \u200e \u200f \u2029 \u202a \u2066 \u2069',
] as const;

/** The same failing connection under each of these names, and one that holds. */
export function hostile(): readonly File[] {
  const line = (name: string, to: string) => `{ name: ${JSON.stringify(name)}, from: a, to: "${to}" }`;
  const lines = HOSTILE.flatMap((name) => [line(name, '172.16.0.1:80'), line(name, 'b')]);
  return expecting(...lines);
}
