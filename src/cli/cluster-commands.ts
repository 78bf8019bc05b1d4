import type { Command } from 'commander';
import type { Actions, Finish } from './actions.ts';
import {
  addEndsOptions,
  addMatrixOptions,
  addSelectionOptions,
  type CollectFlags,
  collect,
  type DiffFlags,
  type DriftFlags,
  type GlobalFlags,
  type MatrixFlags,
  type ShowFlags,
  type SnapshotFlags,
} from './flags.ts';
import { COLLECT_HELP, DIFF_HELP, DRIFT_HELP, MATRIX_HELP, POLICY_HELP, SHOW_HELP, SNAPSHOT_HELP } from './help-texts.ts';

/** The commands that are about a cluster as a whole, or a thing in it. */
export function addClusterCommands(program: Command, actions: Actions, finish: Finish): void {
  program
    .command('show')
    .description('what was compiled: devices, routes, rules, endpoints')
    .argument(
      '[what...]',
      'node NAME, pod NAME, service NAME; nodes, pods, services; cluster for what is known about it; topology for the built-in file; nothing for all',
    )
    .usage('[node NAME|pod NAME|service NAME|nodes|pods|services|cluster] [options]')
    .option('--rules', "a node's iptables rules, as iptables-save prints them")
    .addHelpText('after', SHOW_HELP)
    .action((what: string[], _own, command: Command) => finish(actions.show(what, command.optsWithGlobals<ShowFlags>())));
  program
    .command('policy')
    .description('what policies let reach a pod, what they let it reach, and which rule says so')
    .argument('[pod...]', 'POD, NAMESPACE/POD, an address, or a workload: its first pod by name')
    .usage('POD [options]')
    .addHelpText('after', POLICY_HELP)
    .action((names: string[], _own, command: Command) => finish(actions.policy(names, command.optsWithGlobals<GlobalFlags>())));
  const matrix = program
    .command('matrix')
    .description('who can reach whom, at which ports: workloads, services, nodes and the internet')
    .argument('[words...]', 'with --merge, the parts')
    .usage('[--from WHO] [--to WHOM] [options]')
    .addHelpText('after', MATRIX_HELP)
    .action((words: string[], _own, command: Command) => finish(actions.matrix(words, command.optsWithGlobals<MatrixFlags>())));
  addMatrixOptions(matrix);
  const diff = program
    .command('diff')
    .description('what a change does: connections lost, gained and changed, and the lines that made it so')
    .argument('[inputs...]', 'BEFORE and AFTER')
    .usage('BEFORE AFTER [options]')
    .option('--expectations', 'compare what becomes of the connections that the inputs expect something of')
    .option('--fail-on <kinds>', 'what makes it exit with 1: gained, lost, changed; several with commas (default: all)', collect)
    .option('-q, --quiet', 'print no result: the exit status says it')
    .addHelpText('after', DIFF_HELP)
    .action((inputs: string[], _own, command: Command) => finish(actions.diff(inputs, command.optsWithGlobals<DiffFlags>())));
  addSelectionOptions(diff);
  const drift = program
    .command('drift')
    .description('what nodes have beside what they should have, by what it does to packets: rules, routes, settings that were found there')
    .argument('[node]', 'only what was found on it')
    .allowExcessArguments()
    .usage('[NODE] [options]')
    .option('--expectations', 'ask only what the input expects (without: also pairs, where it expects nothing)')
    .option('--no-expectations', 'ask all pairs, whatever the input expects')
    .option('--size <bytes>', 'then send a data packet of this size (a datagram: as the first), which must not be fragmented')
    .option('--force', 'however many flows it is')
    .addHelpText('after', DRIFT_HELP)
    .action((_node, _own, command: Command) => finish(actions.drift(command.args, command.optsWithGlobals<DriftFlags>())));
  addEndsOptions(drift);
  program
    .command('snapshot')
    .description('what your own kubectl says of the cluster, or what -f has, pruned to what is read: a file for -f')
    .usage('[-o FILE] [options]')
    .option('--print', 'print the kubectl commands instead')
    .addHelpText('after', SNAPSHOT_HELP)
    .action((_own, command: Command) => finish(actions.snapshot(command.optsWithGlobals<SnapshotFlags>())));
  program
    .command('collect')
    .description('what to run on nodes, so that --node-state has what is there; nothing is run by this')
    .usage('--print [options]')
    .option('--print', 'print the script')
    .option('--image <name>', "of the pods that kubectl debug makes (default: busybox:1.36); the programs are the node's own")
    .addHelpText('after', COLLECT_HELP)
    .action((_own, command: Command) => finish(actions.collect(command.optsWithGlobals<CollectFlags>())));
}
