import type { Draft, Machine } from './draft.ts';

/** The same cluster with the plugin `ptp`: what a fault says of the bridge is of a pod's own veth pair, and no port has a hairpin mode. */
export function withoutBridge(draft: Draft): Draft {
  const { plugin: _, hairpinMode: __, ...options } = (draft.cluster['cni'] ?? {}) as Record<string, unknown>;
  const vethOf = (ip: string) => {
    const node = draft.pods.find((p) => p.ip === ip)?.node;
    const nth = draft.pods.filter((p) => p.node === node).findIndex((p) => p.ip === ip);
    return `veth${Math.max(nth, 0)}`;
  };
  return {
    ...draft,
    cluster: { ...draft.cluster, cni: { ...options, plugin: 'ptp' } },
    nodes: draft.nodes.map((node) => rename(node, vethOf)),
  };
}

function rename(node: Machine, vethOf: (ip: string) => string): Machine {
  const renamed = (text: string) => text.replaceAll('cni0', 'veth0');
  const inFields = <T extends object>(fields: T): T => JSON.parse(renamed(JSON.stringify(fields)));
  const devices = Object.entries(node.devices).map(([name, { hairpin: _, ...rest }]) => [renamed(name), rest] as const);
  return {
    ...node,
    routes: node.routes.map(inFields),
    rules: new Map([...node.rules].map(([priority, rule]) => [priority, inFields(rule)])),
    sysctls: Object.fromEntries(Object.entries(node.sysctls).map(([name, value]) => [renamed(name), value])),
    devices: Object.fromEntries(devices.filter(([, stated]) => Object.keys(stated).length > 0)),
    addresses: new Map([...node.addresses].map(([ip, address]) => [ip, inFields(address)])),
    neighbours: new Map([...node.neighbours].map(([ip, n]) => [ip, n.dev === 'cni0' ? { ...n, dev: vethOf(ip) } : n])),
  };
}
