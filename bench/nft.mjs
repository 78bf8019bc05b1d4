/** What nft lists of a node whose kube-proxy is in nftables mode: two elements and two chains of two rules a service. */
import { address } from './iptables.mjs';

const BASES = [
  ['nat-prerouting', 'prerouting', -100],
  ['nat-output', 'output', -100],
];

function servicesOf(count) {
  return Array.from({ length: count }, (_, i) => {
    const [cluster, pod] = [address('10.96', i + 1), address('10.244', i + 2)];
    const name = `${i.toString(36).padStart(8, '0')}-team-${i % 100}/service-${i}/tcp/http`;
    return { cluster, pod, service: `service-${name}`, endpoint: `endpoint-${name}__${pod}/8080` };
  });
}

export function listing(count) {
  const services = servicesOf(count);
  const chain = (name, ...lines) => `\tchain ${name} {\n${lines.map((l) => `\t\t${l}\n`).join('')}\t}\n`;
  return [
    'table ip kube-proxy {',
    '\tset cluster-ips {\n\t\ttype ipv4_addr',
    `\t\telements = { ${services.map((s) => s.cluster).join(',\n\t\t\t     ')} }\n\t}\n`,
    '\tmap service-ips {\n\t\ttype ipv4_addr . inet_proto . inet_service : verdict',
    `\t\telements = { ${services.map((s) => `${s.cluster} . tcp . 80 : goto ${s.service}`).join(',\n\t\t\t     ')} }\n\t}\n`,
    ...BASES.map(([name, hook, priority]) => chain(name, `type nat hook ${hook} priority ${priority}; policy accept;`, 'jump services')),
    chain('nat-postrouting', 'type nat hook postrouting priority 100; policy accept;', 'jump masquerading'),
    chain('services', 'ip daddr . meta l4proto . th dport vmap @service-ips'),
    chain('masquerading', 'meta mark & 0x00004000 == 0x00000000 return', 'meta mark set meta mark ^ 0x00004000', 'masquerade fully-random'),
    chain('mark-for-masquerade', 'meta mark set meta mark | 0x00004000'),
    ...services.flatMap(({ cluster, pod, service, endpoint }) => [
      chain(endpoint, `ip saddr ${pod} jump mark-for-masquerade`, `meta l4proto tcp dnat to ${pod}:8080`),
      chain(
        service,
        `ip daddr ${cluster} tcp dport 80 ip saddr != 10.244.0.0/16 jump mark-for-masquerade`,
        `numgen random mod 1 vmap { 0 : goto ${endpoint} }`,
      ),
    ]),
    '}\n',
  ].join('\n');
}
