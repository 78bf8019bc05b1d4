/** Rulesets as people and programs write them; nft takes all of them. */
export const SAMPLES: Readonly<Record<string, string>> = {
  'many expressions': `table inet firewalld {
 chain filter_FORWARD {
  type filter hook forward priority filter + 10; policy accept;
  ct state { established, related } accept
  ct status dnat accept
  iifname "lo" accept
  ip6 daddr { ::/96, ::ffff:0.0.0.0/96, 2002::/24 } reject with icmpv6 addr-unreachable
  ct state invalid drop
  jump z
  reject with icmpx admin-prohibited
 }
 chain pre { type filter hook prerouting priority raw + 10; policy accept;
  icmpv6 type { nd-router-advert, nd-neighbor-solicit } accept
  meta nfproto ipv6 fib saddr . mark . iif oif missing drop
  fib saddr . iif oif missing drop
  fib daddr . iif type != { local, broadcast, multicast } drop
 }
 chain z {
  meta l4proto . th dport vmap { tcp . 22 : accept, udp . 53 : drop }
  ct state vmap { established : accept, related : accept, invalid : drop }
  tcp flags & (fin|syn|rst|ack) == syn counter
  tcp flags syn drop
  tcp flags != syn drop
  tcp flags syn,ack drop
  tcp flags & (fin | syn) == fin | syn drop
  meta mark & 0x4000 == 0x4000 return
  meta mark & 0x4000 != 0 return
  meta mark set mark or 0x4000
  meta mark set mark & 0xffff0000 | 0x123
  meta mark set ct mark and 0xff
  ct mark set meta mark and 0xff or 0x100
  ip saddr 10.0.0.0/8 ip daddr != 10.0.0.0-10.0.0.9 tcp dport { 80, 443, 1000-2000 } limit rate 10/second burst 5 packets accept
  iifname "cali*" accept
  iif lo accept
  meta skuid 1000 drop
  icmp type echo-request limit rate over 5/second drop
  ip protocol esp accept
  log prefix "hello, \\x20 : " level warn
  quota over 10 mbytes drop
  numgen random mod 3 vmap { 0 : accept, 1-2 : drop }
  numgen inc mod 2 0 drop
  jhash ip saddr . tcp sport mod 2 seed 0x1 vmap { 0 : accept, 1 : drop }
  meta length > 100 drop
  tcp dport < 1024 drop
  ct direction original ct original ip saddr 10.0.0.1 accept
  meta pkttype broadcast drop
  reject
  reject with tcp reset
  ip ttl 1 drop
  ip dscp cs1 accept
  tcp option maxseg size set rt mtu
  ct count over 3 drop
  @th,16,16 80 drop
  ct mark != 0x1/0xf drop
 }
 map m { type ipv4_addr . inet_service : ipv4_addr . inet_service; elements = { 1.2.3.4 . 80 : 10.0.0.1 . 8080 } }
 map mm { type inet_service : mark; elements = { 80 : 0x1 } }
 set s { type ipv4_addr; flags interval; counter; elements = { 10.0.0.0/8, 192.168.0.5-192.168.0.77 } }
 set ifs { type ifname; flags interval; elements = { "cali*", "eth0" } }
 set ts { typeof ip saddr . tcp dport; flags timeout,dynamic; timeout 5m; elements = { 1.1.1.1 . 80 timeout 1h expires 3m } }
 chain nat { type nat hook prerouting priority dstnat; policy accept;
  dnat ip to ip daddr . tcp dport map @m
  meta l4proto tcp dnat ip to 10.0.0.1:80
  meta l4proto tcp dnat ip6 to [fd00::1]:80
  meta mark set tcp dport map @mm accept
  meta l4proto tcp redirect to :8080
  tcp dport 80 redirect
  dnat ip to numgen random mod 2 map { 0 : 10.0.0.1, 1 : 10.0.0.2 }
  dnat ip to 10.0.0.1-10.0.0.9
  dnat ip to tcp dport map { 80 : 10.0.0.1, 443 : 10.0.0.2 }
  update @ts { ip saddr . tcp dport timeout 10s }
  ip saddr . tcp dport @ts drop
  iifname @ifs drop
 }
 chain post { type nat hook postrouting priority srcnat; policy accept;
  masquerade random,fully-random
  meta l4proto udp masquerade to :1024-65535
  snat ip to 10.0.0.7
  ip saddr @s snat ip to 10.0.0.7-10.0.0.9 persistent
 }
}
table netdev nd {
 chain in {
  type filter hook ingress device lo priority filter; policy accept;
  ip saddr 1.2.3.4 drop
 }
}
table bridge br {
 chain f {
  type filter hook forward priority filter; policy accept;
  ether saddr aa:bb:cc:dd:ee:ff drop
 }
}
table ip t {
 counter c {
  packets 1 bytes 2
 }
 chain f {
  type filter hook forward priority filter; policy drop;
  counter name c accept comment "hi there"
  ip frag-off & 0x1fff != 0 drop
 }
 chain r {
  type filter hook prerouting priority raw; policy accept;
  notrack
  ip protocol tcp tproxy to :1000
 }
}
`,
  'names of devices, and marks': `table inet vpn {
	chain output {
		type filter hook output priority filter; policy drop;
		oifname { "lo", "wg0" } accept
		meta mark 0x0000ca6c accept
		ip daddr { 192.168.0.0/16, 203.0.113.9 } udp dport 51820 accept
		ct mark 0x00000001 meta mark set ct mark
		icmpv6 type { nd-neighbor-solicit, nd-router-advert } accept
		reject with icmpx host-unreachable
	}
	chain pre {
		type filter hook prerouting priority mangle; policy accept;
		iifname != "wg0" ip daddr 10.200.0.2 fib saddr type != local drop
		meta l4proto udp ct mark set meta mark
	}
}
`,
};
