import type { TopologyInput } from '../schema/topology.ts';

/**
 * An input some of whose nodes have no power, as a cluster has it about a minute later, and before it runs their pods elsewhere: the nodes and
 * their pods are listed still, routes to them are there, their NICs answer nothing, and their pods are no ready endpoints: the node lifecycle
 * controller has said of them that they are not. Source: kubernetes.io/docs/concepts/architecture/nodes, pkg/controller/nodelifecycle.
 */
export function withNodesDown(input: TopologyInput, names: ReadonlySet<string>): TopologyInput {
  if (names.size === 0) return input;
  const nodes = input.nodes.map((node) => {
    if (!names.has(node.name)) return node;
    const nics = ['eth0', ...(node.nics ?? []).map((n) => n.dev)];
    const devices = { ...node.devices, ...Object.fromEntries(nics.map((dev) => [dev, { ...node.devices?.[dev], up: false }])) };
    return { ...node, devices, down: true };
  });
  const pods = input.pods?.map((pod) => (pod.node !== undefined && names.has(pod.node) ? { ...pod, ready: false } : pod));
  const ips = new Set((input.pods ?? []).flatMap((p) => (p.node !== undefined && names.has(p.node) ? [p.ip, ...(p.ips ?? [])] : [])));
  const there = new Set(
    (input.pods ?? []).flatMap((p) => (p.node !== undefined && names.has(p.node) ? [`${p.namespace ?? 'default'}/${p.name}`] : [])),
  );
  const services = new Set(
    (input.services ?? []).filter((s) => s.selector !== undefined).map((s) => `${s.namespace ?? 'default'}/${s.name}`),
  );
  const endpoints = input.endpoints?.map((entry) => {
    if (!services.has(`${entry.namespace ?? 'default'}/${entry.service}`)) return entry;
    const addresses = entry.addresses.map((address, i) => {
      const pod = entry.seen?.pods[i] ?? null;
      const isDown =
        (address.nodeName !== undefined && names.has(address.nodeName)) || (pod !== null && there.has(pod)) || ips.has(address.ip);
      return isDown ? { ...address, ready: false, serving: false } : address;
    });
    return { ...entry, addresses };
  });
  return { ...input, nodes, ...(pods === undefined ? {} : { pods }), ...(endpoints === undefined ? {} : { endpoints }) };
}
