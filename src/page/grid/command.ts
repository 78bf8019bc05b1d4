import type { Fact, Group } from './data.ts';

/** The command line that shows such a connection hop by hop; null where names do not tell what was asked. */
export function traceCommand(from: Group, to: Group, fact: Fact): string | null {
  const family = fact.families.includes('IPv4') ? 'IPv4' : 'IPv6';
  const [source, destination] = [endOf(from, family), endOf(to, family)];
  if (source === null || destination === null || isOther(from, to, fact)) return null;
  const port = fact.ports[0]?.split('-')[0];
  const words = ['k8s-trace', quoted(source), quoted(port === undefined ? destination : withPort(destination, port, fact.protocol))];
  if (port === undefined) words.push('--protocol', fact.protocol);
  if (fact.families.length === 1 && family === 'IPv6') words.push('-6');
  if (from.size > 1 && from.namespace !== null) words.push('--all-sources');
  return words.join(' ');
}

/** From outside, nodes and services are called at addresses that their names do not mean; and of nodes, a command names only one. */
const isOther = (from: Group, to: Group, { share }: Fact): boolean =>
  (from.kind === 'Network' && (to.kind === 'Node' || to.kind === 'Service')) ||
  (share < 1 && [from, to].some(({ kind, size }) => kind === 'Node' && size > 1));

const withPort = (host: string, port: string, protocol: string): string =>
  `${host.includes(':') ? `[${host}]` : host}:${port}${protocol === 'tcp' ? '' : `/${protocol}`}`;

/** What the command line has a word for; of others a pod is asked. */
const KINDS: readonly string[] = ['Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet', 'Job', 'CronJob', 'Pod', 'Service'];

/** As names are written on the command line: `shop/deployment/web`, `node/node-1`, an address. */
function endOf({ kind, namespace, name, members: [member], cidrs = [] }: Group, family: string): string | null {
  // Of most of the internet the one machine that is asked is the one that the command line calls so.
  if (kind === 'Network' && name === 'internet') return 'internet';
  if (kind === 'Network') return cidrs.map((cidr) => cidr.split('/')[0] ?? '').find(HOSTS[family === 'IPv6' ? 'IPv6' : 'IPv4']) ?? null;
  if (namespace === null) return member === undefined ? null : `node/${member}`;
  if (KINDS.includes(kind)) return `${namespace}/${kind.toLowerCase()}/${name}`;
  return member === undefined ? null : `${namespace}/pod/${member}`;
}

/** Blocks that begin with the address of a host, not with one that nobody can have. */
const HOSTS = {
  IPv4: (address: string) => /^([1-9]|[1-9]\d|1\d\d|2[01]\d|22[0-3])\./.test(address) && !address.startsWith('127.'),
  IPv6: (address: string) => /^[23][\da-f]{3}:/i.test(address),
};

/** For a shell. */
const quoted = (word: string): string => (/^[\w./:@%+=-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`);
