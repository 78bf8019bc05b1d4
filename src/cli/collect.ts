import { collecting } from '../index.ts';
import type { CollectFlags } from './flags.ts';
import { type Io, UsageError } from './io.ts';
import { passedOn } from './live.ts';
import { readNetwork } from './load-input.ts';
import { shellWord } from './shell-word.ts';

const IMAGE = 'busybox:1.36';

/** Prints a script that collects what a node has, and how to run it; nothing is run. */
export async function collectCommand(flags: CollectFlags, io: Io): Promise<number> {
  if (flags.print !== true)
    throw new UsageError('k8s-trace collect runs nothing: it prints what to run', 'k8s-trace collect --print >collect.sh');
  if (flags.nodeState !== undefined)
    throw new UsageError('k8s-trace collect has no option --node-state: it says how to get it', 'leave --node-state out');
  if (flags.output !== undefined) throw new UsageError('k8s-trace collect has no option -o', 'k8s-trace collect --print >collect.sh');
  const nodes = await nodesOf(flags, io);
  const { collectScript } = await collecting();
  io.stdout.write(collectScript(remarks(nodes, flags)));
  return 0;
}

/** Of an input that was named; of another one nobody asked. */
async function nodesOf(flags: CollectFlags, io: Io): Promise<readonly string[]> {
  if (flags.filename === undefined && flags.live !== true) return [];
  const { network } = await readNetwork(flags, io, 'refused');
  return [...network.cluster.nodes.keys()];
}

function remarks(nodes: readonly string[], flags: CollectFlags): readonly string[] {
  const debug = (node: string) =>
    [
      'kubectl',
      ...passedOn(flags).map(shellWord),
      'debug',
      node,
      '--profile=sysadmin',
      '-i',
      `--image=${shellWord(flags.image ?? IMAGE)}`,
    ].join(' ');
  const line = (node: string) =>
    `${debug(shellWord(`node/${node}`))} -- chroot /host sh -s <collect.sh >${shellWord(`node-state/${node}.txt`)}`;
  const each = [
    'kubectl get nodes -o name | while read -r node; do',
    `  ${debug('"$node"')} -- chroot /host sh -s <collect.sh >"node-state/\${node#node/}.txt"`,
    'done',
  ];
  return [
    'What k8s-trace reads of a node. It only reads, and wants root. On the node:',
    '  sh collect.sh node-state            # node-state/NAME/iptables-save, ...; a second word is the name of the node',
    'From afar, without a DaemonSet: kubectl debug makes a pod on the node, which is left there when it is done (the first line of the file names it).',
    '  mkdir -p node-state',
    ...(nodes.length === 0 ? each : nodes.map(line)).map((text) => `  ${text}`),
    'Then: k8s-trace SOURCE DESTINATION -f cluster.json --node-state node-state',
  ];
}
