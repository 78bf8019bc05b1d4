import type { Command } from 'commander';
import { addPacketOptions, type GlobalFlags, type LabFlags } from './flags.ts';

/** The commands below `lab`. */
export interface LabActions {
  verify(operands: readonly string[], flags: LabFlags): Promise<number>;
  up(flags: LabFlags): Promise<number>;
  exec(words: readonly string[], flags: LabFlags): Promise<number>;
  down(flags: LabFlags): Promise<number>;
  script(flags: GlobalFlags): Promise<number>;
  /** No such command, or none. */
  other(words: readonly string[], help: string): Promise<number>;
}

const EXAMPLES = `
A lab is the topology in network namespaces of this machine's own kernel: apart from everything else, and gone without a trace when it ends.
It takes Linux with iproute2, iptables, util-linux and perl, and either root or unprivileged user namespaces.

Examples:
  k8s-trace lab verify pod-a svc/web        does this kernel do what the trace says?
  k8s-trace lab verify --all -f topology.yaml
  k8s-trace lab up -f topology.yaml         builds it and leaves it running
  k8s-trace lab exec pod-a -- ip route      runs a command in it
  k8s-trace lab down                        removes it
  k8s-trace lab script | less               what would be done, as a shell script`;

const VERIFY_EXAMPLES = `
Examples:
  k8s-trace lab verify pod-a svc/web                in the built-in cluster, or in ./topology.yaml
  k8s-trace lab verify pod-a pod-d --size 1450      with a data packet of that size
  k8s-trace lab verify --all -f topology.yaml       all that its \`expect\` lists; without one, every pair of pods and every service port
  k8s-trace lab verify pod-a svc/web -v             model and kernel side by side, also where they agree

Exit status: 0 the kernel agrees, 1 it differs, 2 the input or the machine does not allow an answer.`;

const EXEC_EXAMPLES = `
Examples:
  k8s-trace lab exec pod-a -- ip route
  k8s-trace lab exec node-1 -- iptables-save -t nat
  k8s-trace lab exec shop/cart -- sh                a shell
  k8s-trace lab exec node-1 -- tcpdump -ni cni0

The exit status is the command's.`;

/** `lab` with its commands; their flags may stand anywhere, as those of all others. */
export function addLabCommand(program: Command, actions: LabActions, finish: (status: Promise<number>) => Promise<void>): void {
  const lab = program
    .command('lab')
    .description('the same network in real network namespaces: what does the kernel do?')
    .argument('[command...]')
    .usage('verify|up|exec|down|script [options]')
    .helpCommand('help [command]', 'print help for a command')
    .addHelpText('after', EXAMPLES)
    .action((words: string[], _own, command: Command) => finish(actions.other(words, command.helpInformation())));
  const verify = lab
    .command('verify')
    .description('build it, send the packet, and compare what the kernel does with the trace')
    .argument('[names...]', 'SOURCE and DESTINATION')
    .usage('SOURCE DESTINATION | --all [options]')
    .option('--all', 'every flow that the input expects; when it expects none, every pair of pods, and every pod to every service port')
    .addHelpText('after', VERIFY_EXAMPLES)
    .action((names: string[], _own, command: Command) => finish(actions.verify(names, command.optsWithGlobals<LabFlags>())));
  addPacketOptions(verify);
  lab
    .command('up')
    .description('build it and leave it running, with something small that listens on each port')
    .option('--name <name>', 'a name for it, when there are several (default: lab)')
    .addHelpText('after', '\nExamples:\n  k8s-trace lab up -f topology.yaml\n  k8s-trace lab up -f other.yaml --name other')
    .action((_own, command: Command) => finish(actions.up(command.optsWithGlobals<LabFlags>())));
  lab
    .command('exec')
    .description('run a command in a pod, a node, a router or the gateway of a lab that is up')
    .argument('[words...]', 'PLACE -- COMMAND')
    .usage('PLACE [options] -- COMMAND...')
    .option('--name <name>', 'of which lab, when there are several')
    .addHelpText('after', EXEC_EXAMPLES)
    .action((words: string[], _own, command: Command) => finish(actions.exec(words, command.optsWithGlobals<LabFlags>())));
  lab
    .command('down')
    .description('end a lab: nothing of it is left')
    .option('--name <name>', 'which, when there are several')
    .option('--all', 'all that are up')
    .addHelpText('after', '\nExamples:\n  k8s-trace lab down\n  k8s-trace lab down --all')
    .action((_own, command: Command) => finish(actions.down(command.optsWithGlobals<LabFlags>())));
  lab
    .command('script')
    .description('print the shell script that builds it; nothing is done')
    .addHelpText('after', '\nExamples:\n  k8s-trace lab script -f topology.yaml > lab.sh    to read, or to run as its first lines say')
    .action((_own, command: Command) => finish(actions.script(command.optsWithGlobals<GlobalFlags>())));
}
