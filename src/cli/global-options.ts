import { type Command, Option } from 'commander';
import { collect } from './flags.ts';

/** The flags of every command: they may stand before its name or after it. */
export function addGlobalOptions(program: Command): Command {
  return program
    .option('-f, --filename <path>', 'a topology: a file, a directory, or - for standard input; repeatable', collect)
    .option('-R, --recursive', 'read directories below those of -f too')
    .option('--node-state <[node=]path>', 'what is so on nodes: a directory with what commands printed there; repeatable', collect)
    .option('--live', 'the input is the cluster of your own kubectl, which reads only (as kubectl k8s-trace, without -f: always)')
    .option('--context <name>', "passed on to kubectl: the kubeconfig's context")
    .option('--kubeconfig <path>', 'passed on to kubectl')
    .option('-n, --namespace <name>', "namespace of names that have none (default: default; of a live cluster, the context's)")
    .option('-o, --output <format[=file]>', 'table, trace, json, yaml, minimal, mermaid, dot, svg or html; repeatable with files', collect)
    .option('-v, --verbose', 'every hop, and every rule that was looked at')
    .addOption(new Option('--color <when>', 'colour the output').choices(['auto', 'always', 'never']))
    .option('--no-color', 'the same as --color never')
    .option('--width <columns>', 'wrap at this width (default: the terminal, 100 in a pipe)')
    .optionsGroup('What if (the input stays as it is):')
    .option('--with <path>', 'with these objects, or fields of them: a file, a directory, or -; repeatable', collect)
    .option('--without <names>', 'without these, as networkpolicy/shop/deny-all; node/node-2 is down; several with commas', collect)
    .optionsGroup('Facts about a cluster, for what its objects do not say (they win over a Topology too):')
    .option('--cni <plugin>', "the CNI plugin, by name or as '{plugin: calico, …}'")
    .option('--kube-proxy-mode <mode>', 'iptables, nftables, ipvs or none')
    .option('--cluster-cidr <prefixes>', "kube-proxy's clusterCIDR; empty: no packet is a pod's")
    .option('--detect-local-mode <mode>', "kube-proxy's: ClusterCIDR, NodeCIDR, BridgeInterface or InterfaceNamePrefix")
    .option('--pod-cidr <prefixes>', 'the range of the pods, one of each IP family')
    .option('--service-cidr <prefixes>', 'the range of the ClusterIPs')
    .option('--service-node-port-range <range>', "the API server's, as 30000-32767")
    .option('--mtu <bytes>', "of pods' devices")
    .option('--node-mtu <bytes>', "of nodes' NICs")
    .option('--network-policy <name>', 'who makes policies hold: calico, cilium, kube-router, …, or none')
    .option('--non-masquerade-cidrs <prefixes>', 'what pods reach with their own address; none: they always keep it')
    .option('--cluster-domain <name>', "the zone of the cluster's names")
    .option('--cluster-dns <addresses>', 'the DNS servers of the pods')
    .option('--segments <prefixes>', "the networks that the nodes' NICs are on")
    .option('--nodes <number>', 'on how many nodes manifests are taken to run (default: 2)');
}

/** `-o` takes other formats in each command: its help lists its own. */
const FORMATS_IN: Readonly<Record<string, string>> = {
  matrix: 'table, json, yaml, csv, markdown or html; repeatable with files',
  diff: 'text, json, markdown, github or html; repeatable with files',
  drift: 'text, json, yaml or markdown; repeatable with files',
  check: 'text, json, junit, sarif, github, gitlab, tap or markdown; repeatable with files',
  policy: 'table, json, yaml or markdown; repeatable with files',
  explain: 'text or markdown; repeatable with files',
  snapshot: 'the file; without, standard output',
};

const OF_CLUSTER = ['--filename', '--recursive', '--live', '--context', '--kubeconfig'];

/** What commands take that have no input, or give no answer of one: their help lists no other, beside what all take. */
const TAKEN_IN: Readonly<Record<string, readonly string[]>> = {
  schema: [],
  completion: [],
  explain: ['--output', '--width'],
  collect: OF_CLUSTER,
  snapshot: [...OF_CLUSTER, '--namespace', '--output', '--verbose'],
};

/** Messages on standard error are coloured, whatever the command. */
const TAKEN_BY_ALL = ['--version', '--color', '--no-color'];

export function globalOptionsOf(command: Command): Option[] {
  const inherited: Option[] = [];
  for (let above = command.parent; above !== null; above = above.parent) inherited.push(...above.options.filter((o) => !o.hidden));
  const taken = TAKEN_IN[command.name()];
  const formats = FORMATS_IN[command.name()];
  return inherited
    .filter(({ long }) => taken === undefined || [...TAKEN_BY_ALL, ...taken].includes(long ?? ''))
    .map((option) => (option.long === '--output' && formats !== undefined ? new Option(option.flags, formats) : option));
}
