import { describe, expect, it } from 'vitest';
import { type CniName, cniPlugins, configureCni } from '../../src/cni/index.ts';
import { loadNetwork, traceRequest } from '../../src/index.ts';
import { inferred } from '../../src/source/origin.ts';

/** What every CNI plugin owes: run for each entry of the registry, so that a new one is held to it without another line here. */
const topology = (plugin: string) => `apiVersion: k8s-trace/v1
kind: Topology
cluster: { podCIDR: 10.244.0.0/16, serviceCIDR: 10.96.0.0/12, cni: ${plugin} }
nodes:
  - { name: node-1, ip: 192.168.1.11, podCIDR: 10.244.1.0/24 }
  - { name: node-2, ip: 192.168.1.12, podCIDR: 10.244.2.0/24 }
pods:
  - { name: a, node: node-1 }
  - { name: b, node: node-1, labels: { app: web } }
  - { name: c, node: node-2, labels: { app: web } }
services:
  - { name: web, clusterIP: 10.96.0.10, selector: { app: web }, ports: [ { port: 80, targetPort: 8080 } ] }
  - { name: self, clusterIP: 10.96.0.11, selector: { app: web }, ports: [ { port: 80, targetPort: 8080 } ] }
`;

describe.each(Object.keys(cniPlugins))('CNI %s', (plugin) => {
  const loaded = loadNetwork([{ name: `${plugin}.yaml`, bytes: new TextEncoder().encode(topology(plugin)) }]);
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.diagnostics));
  const network = loaded.value;
  const outcome = (source: string, destination: string) => {
    const result = traceRequest(network, { source, destination });
    return result.ok ? result.trace.outcome : result.message;
  };

  it('gives every pod an eth0 with its address, up, and a way out', () => {
    for (const pod of network.cluster.pods.values()) {
      const netns = network.datapath.netns(`${pod.namespace}/${pod.name}`);
      const eth0 = netns?.devices.get('eth0');
      expect(eth0?.addresses.map((a) => a.address)).toEqual(pod.ips.map((i) => i.address));
      expect(eth0?.down).toBeNull();
    }
  });

  it.each([
    ['a', 'b:80', 'same node'],
    ['a', 'c:80', 'other node'],
    ['node-1', 'b:80', 'node to local pod'],
    ['node-1', 'c:80', 'node to remote pod'],
    ['a', 'svc/web', 'service with endpoints here and there'],
    ['b', 'svc/self', 'a service of which the caller is an endpoint'],
    ['a', 'a:80', 'itself'],
  ])('delivers %s -> %s (%s)', (source, destination) => {
    expect(outcome(source, destination)).toBe('delivered');
  });

  it('has the same name in the registry and in itself', () => {
    expect(configureCni(plugin as CniName, inferred(null)).plugin).toBe(plugin);
  });
});
