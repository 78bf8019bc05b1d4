import type { Network } from '../../src/k8s/compiled-network.ts';
import { build, inside, type Lab, startLab } from '../../src/lab/holder.ts';
import { allNetns, fileOf } from '../../src/lab/names.ts';
import { labScript } from '../../src/lab/script.ts';
import { machine } from './machine.ts';

/** What the programs of this machine print on the nodes of a lab. */
export interface Collected {
  readonly node: string;
  readonly files: readonly { readonly name: string; readonly bytes: Uint8Array }[];
}

/** The commands whose outputs are files. */
const RULES = ['iptables-save -c', 'ip6tables-save', 'ipset save', 'sysctl -a'];

/** The same in the two forms that programs print. */
export const FORMS = {
  JSON: [
    ...RULES,
    'nft -j list ruleset',
    'ip -j -d link show',
    'ip -j addr show',
    'ip -j route show table all',
    'ip -6 -j route show table all',
    'ip -j rule show',
    'ip -6 -j rule show',
    'ip -j neigh show',
    'bridge -j fdb show',
  ],
  text: [
    ...RULES,
    'nft list ruleset',
    'ip -d link show',
    'ip addr show',
    'ip route show table all',
    'ip -6 route show table all',
    'ip rule show',
    'ip -6 rule show',
    'ip neigh show',
    'bridge fdb show',
  ],
} as const;

const MARK = '====';

/** Builds a network in this kernel and looks at its nodes. */
export async function collected({ cluster, datapath }: Network, commands: readonly string[]): Promise<readonly Collected[]> {
  const { lab, holder } = await startLab(machine, 'verify-collected');
  try {
    await build(machine, lab, labScript(cluster, allNetns(cluster, datapath)));
    return await printedOn(lab, [...cluster.nodes.keys()], commands);
  } finally {
    await holder.close();
  }
}

/** Looks at the nodes of a lab. */
export async function printedOn(lab: Lab, nodes: readonly string[], commands: readonly string[]): Promise<readonly Collected[]> {
  const script = nodes.flatMap((node) =>
    commands.flatMap((command) => [`echo '${MARK} ${node} ${command}'`, `nsenter --net=/run/netns/${fileOf(node)} ${command}`]),
  );
  const { stdout, stderr } = await machine.run(inside(lab, ['sh', '-s']), script.join('\n'));
  // sysctl asks for some that only the machine's own namespace has, and nft says of what it does not list that it is iptables'.
  const said = stderr.split('\n').filter((line) => line !== '' && !/^(?:sysctl:|# Warning: |XT target )/.test(line));
  if (said.length > 0) throw new Error(`a node was not looked at: ${said.join('\n')}`);
  const files = stdout.split(new RegExp(`^${MARK} `, 'm')).flatMap((part) => {
    const [, node = '', command = '', text = ''] = /^(\S+) (.+)\n([\s\S]*)$/.exec(part) ?? [];
    const said = text === '' ? `# ${command}: no output\n` : text;
    return node === '' ? [] : [{ node, file: { name: `${node}/${command.replaceAll(' ', '_')}`, bytes: new TextEncoder().encode(said) } }];
  });
  return nodes.map((node) => ({ node, files: files.filter((f) => f.node === node).map((f) => f.file) }));
}
