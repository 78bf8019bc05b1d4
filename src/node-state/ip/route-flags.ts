/** The flags of a route, as `ip route` and `ip -j route` print them. */
export const ROUTE_FLAGS: readonly string[] = [
  'onlink',
  'dead',
  'linkdown',
  'pervasive',
  'offload',
  'offload_failed',
  'trap',
  'notify',
  'rt_offload',
  'rt_trap',
  'rt_offload_failed',
];
