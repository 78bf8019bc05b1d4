/** The pods of Kubernetes' end-to-end tests: a, b and c in the namespaces x, y and z, each with ports 80 and 81 in three protocols, named as there. */
export const NAMES = ['x', 'y', 'z'].flatMap((ns) => ['a', 'b', 'c'].map((pod) => `${ns}/${pod}`));

const PORTS = ['TCP', 'UDP', 'SCTP'].flatMap((protocol) =>
  [80, 81].map((port) => `{ name: serve-${port}-${protocol.toLowerCase()}, containerPort: ${port}, protocol: ${protocol} }`),
);

const addressOf = (i: number): string => `10.244.${Math.floor(i / 3) + 1}.${(i % 3) + 10}`;

/** The pods take turns on two nodes, so that ranges of namespaces are none of nodes. */
const blocksOf = (node: number): string => NAMES.flatMap((_, i) => (i % 2 === node ? [`${addressOf(i)}/32`] : [])).join(', ');

/** 10.244.1.10 is x/a, 10.244.3.12 is z/c; labels as `pod: a` and `ns: x`, and those that a test adds. */
export function e2eWorld(more: { readonly pods?: Record<string, string>; readonly namespaces?: Record<string, string> } = {}): string {
  const pods = NAMES.map((name, i) => {
    const [namespace, pod] = name.split('/');
    const labels = [`pod: ${pod}`, ...(more.pods?.[name] === undefined ? [] : [more.pods[name]])].join(', ');
    const node = `node-${(i % 2) + 1}`;
    return `  - { name: ${pod}, namespace: "${namespace}", node: ${node}, ip: ${addressOf(i)}, labels: { ${labels} }, containers: [ { name: c, ports: [ ${PORTS.join(', ')} ] } ] }`;
  });
  const namespaces = ['x', 'y', 'z'].map((name) => {
    const labels = [`ns: "${name}"`, ...(more.namespaces?.[name] === undefined ? [] : [more.namespaces[name]])].join(', ');
    return `  - { name: "${name}", labels: { ${labels} } }`;
  });
  return `apiVersion: k8s-trace/v1
kind: Topology
cluster: { podCIDR: 10.244.0.0/16, serviceCIDR: 10.96.0.0/12, cni: calico, kubeProxy: iptables }
nodes:
  - { name: node-1, ip: 192.168.1.11, blocks: [ ${blocksOf(0)} ] }
  - { name: node-2, ip: 192.168.1.12, blocks: [ ${blocksOf(1)} ] }
namespaces:
${namespaces.join('\n')}
internet: { gateway: { ip: 192.168.1.1 } }
pods:
${pods.join('\n')}
`;
}

export const E2E_WORLD = e2eWorld();
