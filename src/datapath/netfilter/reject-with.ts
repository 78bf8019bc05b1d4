/** How a packet is refused, in iptables' words. */
export type RejectWith =
  | 'icmp-net-unreachable'
  | 'icmp-host-unreachable'
  | 'icmp-proto-unreachable'
  | 'icmp-port-unreachable'
  | 'icmp-net-prohibited'
  | 'icmp-host-prohibited'
  | 'icmp-admin-prohibited'
  | 'icmp6-no-route'
  | 'icmp6-adm-prohibited'
  | 'icmp6-addr-unreachable'
  | 'icmp6-port-unreachable'
  | 'icmp6-policy-fail'
  | 'icmp6-reject-route'
  | 'tcp-reset'
  | IcmpxReject;

/** nft's own, of a table for both families: each has the one that it means in its ICMP. */
export type IcmpxReject = 'icmpx-no-route' | 'icmpx-port-unreachable' | 'icmpx-host-unreachable' | 'icmpx-admin-prohibited';
