/**
 * Rulesets as machines have them that are nodes as well, written for the cluster below: what each does with a packet is asked of the walk
 * and of the kernel, which has them loaded as they are.
 */
export const CLUSTER = `apiVersion: k8s-trace/v1
kind: Topology
cluster: { podCIDR: 10.244.0.0/16, serviceCIDR: 10.96.0.0/12, cni: bridge, kubeProxy: { mode: iptables } }
nodes:
  - { name: node-1, ip: 192.168.1.11, podCIDR: 10.244.1.0/24 }
  - { name: node-2, ip: 192.168.1.12, podCIDR: 10.244.2.0/24 }
pods:
  - { name: a, node: node-1, ip: 10.244.1.2, labels: { app: a }, containers: [ { name: c, ports: [ { containerPort: 8080 }, { containerPort: 53, protocol: UDP } ] } ] }
  - { name: b, node: node-2, ip: 10.244.2.2, labels: { app: b }, containers: [ { name: c, ports: [ { containerPort: 8080 }, { containerPort: 53, protocol: UDP } ] } ] }
services:
  - { name: web, type: NodePort, clusterIP: 10.96.0.10, selector: { app: b }, ports: [ { port: 80, targetPort: 8080, nodePort: 30080 } ] }
`;

/** The files of node-1, and what becomes of packets: their ends by hand, from the rules. */
export interface RealRuleset {
  readonly name: string;
  readonly files: Readonly<Record<string, string>>;
  readonly asks: readonly (readonly [source: string, destination: string, end: string])[];
}

/** firewalld's table: what was accepted before is refused at priority 10, by a zone whose device is the node's. */
const FIREWALLD = `table inet firewalld { # progname firewalld
	chain filter_INPUT {
		type filter hook input priority filter + 10; policy accept;
		ct state { established, related } accept
		ct status dnat accept
		iifname "lo" accept
		ct state invalid drop
		iifname "eth0" tcp dport { 22, 8080 } accept
		reject with icmpx admin-prohibited
	}

	chain filter_FORWARD {
		type filter hook forward priority filter + 10; policy accept;
		ct state { established, related } accept
		ct status dnat accept
		iifname "lo" accept
		ct state invalid drop
		ip6 daddr { ::/96, ::ffff:0.0.0.0/96 } reject with icmpv6 addr-unreachable
		jump filter_FORWARD_ZONES
		reject with icmpx admin-prohibited
	}

	chain filter_FORWARD_ZONES {
		iifname "cni0" oifname "eth0" udp dport 53 accept
		iifname "eth0" goto filter_FWD_public
	}

	chain filter_FWD_public {
		meta l4proto icmp accept
		reject with icmpx admin-prohibited
	}
}
`;

/** Docker's tables, as its daemon leaves them: FORWARD drops, and lets through what is its own. */
const DOCKER = `*filter
:INPUT ACCEPT [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
:DOCKER - [0:0]
:DOCKER-ISOLATION-STAGE-1 - [0:0]
:DOCKER-ISOLATION-STAGE-2 - [0:0]
:DOCKER-USER - [0:0]
[12:720] -A FORWARD -j DOCKER-USER
[12:720] -A FORWARD -j DOCKER-ISOLATION-STAGE-1
[0:0] -A FORWARD -o docker0 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
[0:0] -A FORWARD -o docker0 -j DOCKER
[0:0] -A FORWARD -i docker0 ! -o docker0 -j ACCEPT
[0:0] -A FORWARD -i docker0 -o docker0 -j ACCEPT
[0:0] -A FORWARD -m mark --mark 0x4000/0x4000 -m comment --comment "kubernetes forwarding rules" -j ACCEPT
[0:0] -A FORWARD -p udp -m udp --dport 53 -j ACCEPT
[0:0] -A FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
[0:0] -A DOCKER-ISOLATION-STAGE-1 -i docker0 ! -o docker0 -j DOCKER-ISOLATION-STAGE-2
[12:720] -A DOCKER-ISOLATION-STAGE-1 -j RETURN
[0:0] -A DOCKER-ISOLATION-STAGE-2 -o docker0 -j DROP
[0:0] -A DOCKER-ISOLATION-STAGE-2 -j RETURN
[12:720] -A DOCKER-USER -j RETURN
COMMIT
`;

/** A VPN that lets nothing pass beside its tunnel, and asks before or after iptables: it is another table. */
const KILL_SWITCH = `table inet vpn-killswitch {
	set lan {
		type ipv4_addr
		flags interval
		elements = { 192.168.1.0/24 }
	}

	chain output {
		type filter hook output priority filter; policy drop;
		oifname "lo" accept
		oifname "wg0" accept
		ip daddr @lan accept
		ct state established,related accept
		udp dport 51820 accept
	}

	chain forward {
		type filter hook forward priority filter; policy drop;
		oifname "wg0" accept
		ct state established,related counter packets 0 bytes 0 accept
		ip daddr @lan accept
	}
}
`;

const ACCEPTING = `*filter
:INPUT ACCEPT [0:0]
:FORWARD ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
-A FORWARD -s 10.244.0.0/16 -j ACCEPT
-A FORWARD -d 10.244.0.0/16 -j ACCEPT
COMMIT
`;

/** A policy engine whose mark to drop is kube-proxy's mark to masquerade. */
const SAME_MARK = `*filter
:INPUT ACCEPT [0:0]
:FORWARD ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
:ENGINE-DROPS - [0:0]
-A FORWARD -j ENGINE-DROPS
-A FORWARD -m comment --comment "kubernetes forwarding rules" -m mark --mark 0x4000/0x4000 -j ACCEPT
-A ENGINE-DROPS -m mark --mark 0x4000/0x4000 -m comment --comment DROP-ON-ENGINE-MARK-0x4000/0x4000 -j DROP
COMMIT
*nat
:PREROUTING ACCEPT [0:0]
:INPUT ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
:POSTROUTING ACCEPT [0:0]
:KUBE-MARK-MASQ - [0:0]
:KUBE-NODEPORTS - [0:0]
:KUBE-POSTROUTING - [0:0]
:KUBE-SERVICES - [0:0]
-A PREROUTING -m comment --comment "kubernetes service portals" -j KUBE-SERVICES
-A OUTPUT -m comment --comment "kubernetes service portals" -j KUBE-SERVICES
-A POSTROUTING -m comment --comment "kubernetes postrouting rules" -j KUBE-POSTROUTING
-A KUBE-MARK-MASQ -j MARK --set-xmark 0x4000/0x4000
-A KUBE-NODEPORTS -p tcp -m tcp --dport 30080 -j KUBE-MARK-MASQ
-A KUBE-NODEPORTS -p tcp -m tcp --dport 30080 -j DNAT --to-destination 10.244.2.2:8080
-A KUBE-POSTROUTING -m mark ! --mark 0x4000/0x4000 -j RETURN
-A KUBE-POSTROUTING -j MARK --set-xmark 0x4000/0x0
-A KUBE-POSTROUTING -j MASQUERADE --random-fully
-A KUBE-SERVICES -d 10.96.0.10/32 -p tcp -m tcp --dport 80 -j DNAT --to-destination 10.244.2.2:8080
-A KUBE-SERVICES -m addrtype --dst-type LOCAL -j KUBE-NODEPORTS
COMMIT
`;

/** Two tables at one place, of which no list shows which came first. In either order TCP to 8080 is dropped; ping passes both. */
const TIED = `table ip marks {
	chain forward {
		type filter hook forward priority filter; policy accept;
		tcp dport 8080 drop
		meta l4proto udp meta mark set 0x7
	}
}
table ip drops {
	chain forward {
		type filter hook forward priority filter; policy accept;
		tcp dport 8080 counter packets 3 bytes 180 drop
		udp dport 53 drop
	}
}
`;

const SETS = `create blocked hash:net family inet hashsize 1024 maxelem 65536
create web hash:ip,port family inet hashsize 1024 maxelem 65536 comment
add blocked 10.244.2.0/25
add blocked 10.244.2.2 nomatch
add web 10.244.2.2,tcp:8080 comment "the shop"
`;

const WITH_SETS = `*filter
:INPUT ACCEPT [0:0]
:FORWARD ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
-A FORWARD -m set --match-set blocked dst -j DROP
-A FORWARD -s 10.244.1.0/24 -m set ! --match-set web dst,dst -j REJECT --reject-with icmp-host-prohibited
COMMIT
`;

export const REAL_RULESETS: readonly RealRuleset[] = [
  {
    name: 'firewalld refuses at priority 10 what iptables accepts',
    files: { nft_list_ruleset: FIREWALLD },
    asks: [
      ['a', 'b:8080', 'rejected FILTER_REJECT'],
      ['a', 'b:53/udp', 'delivered'],
      ['a', 'svc/web', 'delivered'],
      ['b', 'a:8080', 'rejected FILTER_REJECT'],
      ['b', '10.244.1.2/icmp', 'delivered'],
      ['node/node-2', '192.168.1.11:8080', 'delivered'],
      ['node/node-2', '192.168.1.11:9090', 'rejected FILTER_REJECT'],
    ],
  },
  {
    name: "Docker's FORWARD drops what is not its own",
    files: { 'iptables-save': DOCKER },
    asks: [
      ['a', 'b:8080', 'dropped FILTER_DROP'],
      ['a', 'b:53/udp', 'delivered'],
      ['b', 'a:8080', 'dropped FILTER_DROP'],
      // A save without the table nat is of a node that has none: nobody translates there.
      ['node/node-2', '192.168.1.11:30080', 'rejected NOBODY_LISTENS'],
      ['node/node-1', 'b:8080', 'delivered'],
    ],
  },
  {
    name: "a VPN's kill switch drops what iptables accepts",
    files: { 'iptables-save': ACCEPTING, nft_list_ruleset: KILL_SWITCH },
    asks: [
      ['a', 'b:8080', 'dropped FILTER_DROP'],
      ['a', '192.168.1.12:8080', 'delivered'],
      ['b', 'a:8080', 'dropped FILTER_DROP'],
      ['node/node-1', 'b:8080', 'dropped FILTER_DROP'],
      ['node/node-1', '192.168.1.12:8080', 'delivered'],
    ],
  },
  {
    name: "the mark of a policy engine is kube-proxy's",
    files: { 'iptables-save': SAME_MARK },
    asks: [
      ['node/node-2', '192.168.1.11:30080', 'dropped FILTER_DROP'],
      ['a', 'svc/web', 'delivered'],
      ['a', 'b:8080', 'delivered'],
    ],
  },
  {
    name: 'two chains at one place, whatever their order',
    files: { nft_list_ruleset: TIED },
    asks: [
      ['a', 'b:8080', 'dropped FILTER_DROP'],
      ['a', 'b:53/udp', 'dropped FILTER_DROP'],
      ['a', '10.244.2.2/icmp', 'delivered'],
    ],
  },
  {
    name: 'sets, with what is not in them',
    files: { 'iptables-save': WITH_SETS, ipset_save: SETS },
    asks: [
      ['a', 'b:8080', 'delivered'],
      ['a', 'b:53/udp', 'rejected FILTER_REJECT'],
      ['node/node-1', 'b:8080', 'delivered'],
      ['a', '10.244.2.9:8080', 'dropped FILTER_DROP'],
      ['a', '10.244.2.200:8080', 'rejected FILTER_REJECT'],
    ],
  },
];

/** A rule that no kernel has. */
export const REFUSED = ACCEPTING.replace('COMMIT', '-A FORWARD -m nosuchmodule --really -j DROP\nCOMMIT');
