import type { Fact, Group } from './data.ts';

/** The command line that shows one of these connections hop by hop; null where a name does not tell what to ask. */
export function traceCommand(from: Group, to: Group, fact: Fact): string | null {
  const family = fact.families.includes('IPv4') ? 'IPv4' : 'IPv6';
  const [source, destination] = [endOf(from, family), endOf(to, family)];
  if (source === null || destination === null) return null;
  const port = fact.ports[0]?.split('-')[0];
  const target = port === undefined ? destination : `${destination.includes(':') ? `[${destination}]` : destination}:${port}`;
  const protocol = fact.protocol === 'tcp' ? '' : port === undefined ? ` --protocol ${fact.protocol}` : `/${fact.protocol}`;
  const asked = fact.families.length === 1 && family === 'IPv6' ? ' -6' : '';
  const many = from.size > 1 && fact.share < 1 ? ' --all-sources' : '';
  return `k8s-trace ${quoted(source)} ${quoted(target + (port === undefined ? '' : protocol))}${port === undefined ? protocol : ''}${asked}${many}`;
}

/** As names are written on the command line: `shop/deployment/web`, `node/node-1`, `internet`, an address. */
function endOf({ kind, namespace, name, members, cidrs }: Group, family: string): string | null {
  if (kind === 'Network')
    return name === 'internet' ? 'internet' : (cidrs?.find((cidr) => cidr.includes(':') === (family === 'IPv6'))?.split('/')[0] ?? null);
  if (namespace === null) return members[0] === undefined ? null : `node/${members[0]}`;
  if (KINDS.includes(kind)) return `${namespace}/${kind.toLowerCase()}/${name}`;
  return members[0] === undefined ? null : `${namespace}/pod/${members[0]}`;
}

/** What the command line has a word for; of others a pod is asked. */
const KINDS: readonly string[] = ['Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet', 'Job', 'CronJob', 'Pod', 'Service'];

/** For a shell. */
const quoted = (word: string): string => (/^[\w./:@%+=-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`);
