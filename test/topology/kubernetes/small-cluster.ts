import { type LoadOptions, loadNetwork, type Network, type Request, type TraceDocument, traceRequest } from '../../../src/index.ts';
import { file } from '../sources.ts';

/** Objects of a small cluster, as texts of which a test puts its input together. */

export const node = (name: string, address: string, podCIDR: string) => `apiVersion: v1
kind: Node
metadata: { name: ${name} }
spec: { podCIDR: ${podCIDR} }
status: { addresses: [{ type: InternalIP, address: ${address} }] }
---
`;
export const NODES = node('n1', '192.168.1.11', '10.244.1.0/24') + node('n2', '192.168.1.12', '10.244.2.0/24');

/** `more`: further fields of its status. */
export const pod = (name: string, nodeName: string, address: string, more = '') => `apiVersion: v1
kind: Pod
metadata: { name: ${name}, namespace: shop, uid: ${name}, labels: { app: ${name} } }
spec: { nodeName: ${nodeName}, containers: [{ name: app, ports: [{ containerPort: 8080 }] }] }
status: { phase: Running, podIP: ${address}${more} }
---
`;
export const service = (name: string, fields: string, namespace = 'shop') => `apiVersion: v1
kind: Service
metadata: { name: ${name}, namespace: ${namespace} }
spec: { ${fields}, ports: [{ port: 80, targetPort: 8080 }] }
---
`;
export const CLUSTER =
  NODES +
  pod('client', 'n1', '10.244.1.10') +
  pod('web', 'n2', '10.244.2.10') +
  service('web', 'clusterIP: 10.96.0.10, selector: { app: web }');

export const beside = (text: string) => `apiVersion: k8s-trace/v1\nkind: Topology\n${text}`;

export function networkOf(text: string, options: LoadOptions = {}): Network {
  const loaded = loadNetwork([file(text)], options);
  if (!loaded.ok) throw new Error(loaded.diagnostics.map((d) => d.message).join('\n'));
  return loaded.value;
}

export function traceOf(text: string, request: Request, options: LoadOptions = {}): TraceDocument {
  const result = traceRequest(networkOf(text, options), request);
  if (!result.ok) throw new Error(`${result.message}; ${result.hint}`);
  return result.trace;
}

/** `dropped NO_ROUTE`; of a question that cannot be asked its message. */
export function answer(text: string, source: string, destination: string, options: LoadOptions = {}, size?: number): string {
  const result = traceRequest(networkOf(text, options), { source, destination, ...(size === undefined ? {} : { size }) });
  if (!result.ok) return result.message;
  return result.trace.reason === null ? result.trace.outcome : `${result.trace.outcome} ${result.trace.reason.code}`;
}
