import { type Fields, prefixFrom } from './entry.ts';
import { ROUTE_FLAGS } from './route-flags.ts';

const TYPES = ['unicast', 'local', 'broadcast', 'multicast', 'anycast', 'blackhole', 'unreachable', 'prohibit', 'throw', 'nat', 'xresolve'];

/** Words of `ip route` with a value, and their fields in `ip -j route`. */
const VALUES: Readonly<Record<string, string>> = {
  dev: 'dev',
  table: 'table',
  proto: 'protocol',
  protocol: 'protocol',
  scope: 'scope',
  src: 'prefsrc',
  metric: 'metric',
  from: 'from',
  tos: 'tos',
  dsfield: 'tos',
  nhid: 'nhid',
  pref: 'pref',
  expires: 'expires',
  error: 'error',
  realm: 'flow',
  realms: 'flow',
  weight: 'weight',
  'ttl-propagate': 'ttl-propagate',
};

/** RTAX_*, the `metrics` of `ip -j route`. A metric that the kernel may not change has the word `lock` before its value. */
const METRICS = [
  'mtu',
  'window',
  'rtt',
  'rttvar',
  'ssthresh',
  'cwnd',
  'advmss',
  'reordering',
  'hoplimit',
  'initcwnd',
  'features',
  'rto_min',
  'initrwnd',
  'quickack',
  'congctl',
  'fastopen_no_cookie',
];

/** Does the line begin with a destination? */
export function isRouteLine(line: string): boolean {
  const [first = '', second = ''] = line.trim().split(/\s+/, 2);
  const destination = TYPES.includes(first) ? second : first;
  return destination === 'default' || prefixFrom(destination) !== null;
}

/** A line of `ip route` with the lines of its next hops, in the fields of `ip -j route`. */
export function routeFields(line: string, more: readonly string[]): Fields {
  const words = line.trim().split(/\s+/);
  const type = TYPES.includes(words[0] ?? '') ? words.shift() : undefined;
  const fields: Record<string, unknown> = { ...(type === undefined ? {} : { type }), dst: words.shift() };
  const [own, ...inline] = hopsOf(words);
  readWords(own ?? [], fields);
  const hops = [...inline, ...more.flatMap((text) => hopsOf(text.trim().split(/\s+/)).slice(1))].map((hop) => {
    const read: Record<string, unknown> = {};
    readWords(hop, read);
    return read;
  });
  return hops.length === 0 ? fields : { ...fields, nexthops: hops };
}

/** The words before the first `nexthop`, and the words of each next hop. */
function hopsOf(words: readonly string[]): readonly (readonly string[])[] {
  const parts: string[][] = [[]];
  for (const word of words) {
    if (word === 'nexthop') parts.push([]);
    else parts.at(-1)?.push(word);
  }
  return parts;
}

function readWords(words: readonly string[], fields: Record<string, unknown>): void {
  const flags: string[] = [];
  const metrics: Record<string, unknown> = {};
  for (let i = 0; i < words.length; i++) {
    const word = words[i] ?? '';
    const key = Object.hasOwn(VALUES, word) ? VALUES[word] : undefined;
    if (word === 'via') i = readVia(words, i, fields);
    else if (word === 'encap') i = readEncap(words, i, fields);
    else if (METRICS.includes(word)) {
      const isLocked = words[i + 1] === 'lock';
      i += isLocked ? 2 : 1;
      metrics[word] = words[i];
      // The lock of the other metrics has no effect on a packet's way.
      if (isLocked && word === 'mtu') metrics['mtu_lock'] = true;
    } else if (key !== undefined) fields[key] = words[++i] ?? '';
    else if (ROUTE_FLAGS.includes(word)) flags.push(word);
    else fields[word] = null;
  }
  fields['flags'] = flags;
  if (Object.keys(metrics).length > 0) fields['metrics'] = [metrics];
}

function readVia(words: readonly string[], at: number, fields: Record<string, unknown>): number {
  const family = words[at + 1] ?? '';
  if (family !== 'inet' && family !== 'inet6') {
    fields['gateway'] = family;
    return at + 1;
  }
  fields['via'] = { family, host: words[at + 2] ?? '' };
  return at + 2;
}

/** The words of the encapsulation end where those of the next hop begin, which stand last on the line. */
function readEncap(words: readonly string[], at: number, fields: Record<string, unknown>): number {
  const end = words.findIndex((word, i) => i > at && (word === 'via' || word === 'dev'));
  fields['encap'] = words.slice(at + 1, end === -1 ? words.length : end).join(' ');
  return end === -1 ? words.length : end - 1;
}
