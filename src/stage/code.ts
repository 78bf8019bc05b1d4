/** Reason codes that exist today; each has a page in docs/reasons. Their meaning never changes; new ones may be added. */
export const CODES = [
  'NO_ROUTE',
  'BLACKHOLE_ROUTE',
  'UNREACHABLE_ROUTE',
  'PROHIBIT_ROUTE',
  'NEIGHBOUR_UNREACHABLE',
  'NEXT_HOP_UNKNOWN',
  'LINK_DOWN',
  'FORWARDING_DISABLED',
  'REVERSE_PATH_FILTER',
  'MARTIAN_ADDRESS',
  'MTU_EXCEEDED',
  'TTL_EXPIRED',
  'ROUTING_LOOP',
  'FILTER_DROP',
  'FILTER_REJECT',
  'FIREWALL_DENIED',
  'CONNTRACK_INVALID',
  'HAIRPIN_OFF',
  'NO_SUCH_NAME',
  'NO_SUCH_PORT',
  'TARGET_PORT_UNRESOLVED',
  'NO_ENDPOINTS',
  'NO_READY_ENDPOINTS',
  'NO_LOCAL_ENDPOINTS',
  'SOURCE_RANGE_DENIED',
  'LOAD_BALANCER_PENDING',
  'PROXY_NOT_RUNNING',
  'NOBODY_LISTENS',
  'LISTENS_ON_LOOPBACK',
  'ASYMMETRIC_NAT',
  'RETURN_PATH_BROKEN',
  'PRIVATE_TO_INTERNET_WITHOUT_NAT',
  'NO_SHARED_NAMESPACE',
  'NO_SHARED_VOLUME',
  'VOLUME_READ_ONLY',
  'LEAVES_INPUT',
  'FACT_MISSING',
] as const;

export type Code = (typeof CODES)[number];

/** What the client's program sees. */
export const CLIENTS = [
  'answer',
  'refused',
  'host-unreachable',
  'net-unreachable',
  'not-permitted',
  'invalid',
  'message-too-long',
  'time-out',
  'name-not-found',
  'unknown',
] as const;

export type Client = (typeof CLIENTS)[number];
