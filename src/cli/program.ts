import { Command, CommanderError, Option } from 'commander';
import {
  addMatrixOptions,
  addPacketOptions,
  addSelectionOptions,
  type CheckFlags,
  type DiffFlags,
  type GlobalFlags,
  type MatrixFlags,
  type ShowFlags,
  type SnapshotFlags,
  type TraceFlags,
  type ValidateFlags,
} from './flags.ts';
import { asCalled, type Io } from './io.ts';
import { addLabCommand, type LabActions } from './lab-program.ts';

/** The commands, once their words are parsed; each answers the exit status, and is loaded only when it runs. */
export interface Actions {
  trace(operands: readonly string[], flags: TraceFlags): Promise<number>;
  check(files: readonly string[], flags: CheckFlags): Promise<number>;
  validate(files: readonly string[], flags: ValidateFlags): Promise<number>;
  show(operands: readonly string[], flags: ShowFlags): Promise<number>;
  policy(names: readonly string[], flags: GlobalFlags): Promise<number>;
  matrix(operands: readonly string[], flags: MatrixFlags): Promise<number>;
  diff(inputs: readonly string[], flags: DiffFlags): Promise<number>;
  snapshot(flags: SnapshotFlags): Promise<number>;
  explain(code: string | undefined, flags: GlobalFlags): Promise<number>;
  schema(name: string, flags: GlobalFlags): Promise<number>;
  completion(shell: string, flags: GlobalFlags): Promise<number>;
  lab: LabActions;
}

const collect = (value: string, before: readonly string[] | undefined) => [...(before ?? []), value];

export const COMMANDS = [
  'trace',
  'check',
  'validate',
  'show',
  'policy',
  'matrix',
  'diff',
  'snapshot',
  'lab',
  'explain',
  'schema',
  'completion',
  'help',
] as const;

const EXAMPLES = `
Names: pod-a, shop/pod-a, pod/pod-a, svc/web:80, node/node-1, shop/svc/web:http, app@pod-a, 10.244.2.10:8080, [fd00::1]:80, svc/dns:53/udp,
  internet, web.shop, web.shop.svc.cluster.local:80, db-0.db.shop (DNS names, as the source's resolver sees them), https://shop.example.com/cart

Examples:
  k8s-trace pod-a pod-d                         in the built-in cluster, or in ./topology.yaml
  k8s-trace pod-a svc/web -f topology.yaml      a service: every endpoint is a path
  k8s-trace pod-a svc/web --all-paths --reply   all paths, and the answers' ways too
  k8s-trace pod-a pod-d -o json | jq .outcome   for scripts
  k8s-trace pod-a svc/web -o html=web.html      a picture: a page of one file; also svg, mermaid, dot
  k8s-trace check -f topology.yaml              what the file expects of its traces: for CI
  k8s-trace internet https://shop.example.com/  by Ingress or Gateway, to the pods behind
  k8s-trace validate -f topology.yaml           the file itself; no packet
  k8s-trace show node node-1 --rules            the rules of a node, of iptables and nft
  k8s-trace policy pod-a                        what policies let reach it, and what it may reach
  k8s-trace diff before.yaml after.yaml         what a change opens, closes or sends another way
  k8s-trace pod-a svc/web --without node/node-2  what if that node were down?
  k8s-trace matrix --to deploy/db               who reaches whom, at which ports
  k8s-trace lab verify pod-a svc/web            the same packet in real network namespaces, beside the trace
  k8s-trace explain NO_ROUTE                    what a reason code or a finding means

Exit status: 0 delivered or exits, 1 not delivered or mixed, 2 the input does not allow an answer, 3 undetermined, 4 a fault in k8s-trace.`;

const REPORTS = `
Reports (-o FORMAT or -o FORMAT=FILE, several at once): text (the default), json, junit, sarif, github, gitlab, tap, markdown

  k8s-trace check -f topology.yaml -o junit=report.xml -o github
  k8s-trace check -f topology.yaml -o text -o markdown=$GITHUB_STEP_SUMMARY

Exit status: 0 all hold, 1 some do not, 2 the input does not allow an answer, 3 some are undetermined and none fails.`;

const MATRIX_EXAMPLES = `
WHO and WHOM (repeatable, commas separate): names as of a trace (deploy/web, shop/pod-a, node/node-1, 198.51.100.0/24), namespace/shop, labels
  (app=web, 'app in (a,b)', '!canary'), or workloads, services, nodes, internet; left out: workloads, nodes and the internet

Examples:
  k8s-trace matrix -f topology.yaml              all of it, at the ports that everybody states
  k8s-trace matrix --to deploy/db                what can reach the database?
  k8s-trace matrix --to services --from internet what is open to the internet
  k8s-trace matrix --to namespace/shop --blocked what cannot, too, and the code that stops it
  k8s-trace matrix -p 22 -p 53/udp               these ports, asked of everybody
  k8s-trace matrix --any-port --to deploy/db     what would be open if somebody listened: all ports, as ranges
  k8s-trace matrix -o html=matrix.html           a page to look around in, with what stops the others
  k8s-trace matrix -o csv > matrix.csv           for a spreadsheet; -o json for scripts, -o markdown for a comment
  k8s-trace matrix --shard 2/4 -o json=part-2.json  a part of the rows, on one of four machines
  k8s-trace matrix --merge part-*.json           the parts together

Exit status: 0 once it is computed, whatever it says; 2 the input does not allow it.`;

const SHOW_EXAMPLES = `
Examples:
  k8s-trace show -f topology.yaml               nodes, pods, services; with -n, those of a namespace
  k8s-trace show services -n shop               those, and why one has no endpoint
  k8s-trace show cluster -f dump.json           what is known about the cluster, how sure it is, and where it was read
  k8s-trace show node node-1 --rules            what kube-proxy writes there
  k8s-trace show topology > topology.yaml       the built-in cluster as a file, to begin with: it reads none`;

const POLICY_EXAMPLES = `
Policies at both ends count: what is allowed here may be blocked at the peer's end. Ports are those that a pod gets, after the translation of a service. Whether
packets find their way is another question: k8s-trace SOURCE DESTINATION answers it.
-v: what is blocked, too, rule by rule. Formats (-o FORMAT or -o FORMAT=FILE): table (the default), json, yaml, markdown

Examples:
  k8s-trace policy shop/db-0 -f cluster.yaml        what may reach it, what it may reach, and which rule says so
  k8s-trace policy deploy/api -n shop -v            a pod of a workload, with what is blocked
  k8s-trace policy db-0 -n shop --network-policy calico   as Calico would enforce the policies
  k8s-trace policy shop/db-0 -o markdown            for a comment or a page

Exit status: 0 when there is an answer, 2 when the input does not allow one.`;

const DIFF_EXAMPLES = `
BEFORE and AFTER: a file, a directory (-R: with those below it), - for standard input, or git:REVISION:PATH, as your git has it.
What is compared: every connection of a matrix, those that are blocked too, and calls to the services that differ; with --expectations, what the inputs expect.
Facts about the cluster (--cni, …) are those of both inputs.
Reports (-o FORMAT or -o FORMAT=FILE, several at once): text (the default), json, markdown, github, html

Examples:
  k8s-trace diff before.yaml after.yaml                what is lost, gained or changed, and the lines that made it so
  k8s-trace diff git:main:deploy deploy -R             what this branch does
  k8s-trace diff git:HEAD~1:cluster.yaml cluster.yaml --to deploy/db
  k8s-trace diff cluster.json --with patch.yaml        what this patch would do (--without too)
  k8s-trace diff before.yaml after.yaml -o html=diff.html   a page to look around in
  k8s-trace diff old.json new.json --fail-on lost      fails only when something is lost
  k8s-trace diff git:origin/main:deploy deploy -o github -o markdown=$GITHUB_STEP_SUMMARY

Exit status: 0 the same (--fail-on: none of these kinds), 1 not the same, 2 the inputs do not allow an answer.`;

const SNAPSHOT_EXAMPLES = `
-o FILE: where it goes; without, standard output. It has what is read and nothing else: no Secret, no environment but a few variables of CNI plugins, ConfigMaps of the cluster's own programs.

Examples:
  k8s-trace snapshot -o cluster.json            the cluster of your own kubectl, which reads only
  k8s-trace -f cluster.json shop/web svc/db     anywhere else, later: the same answer
  k8s-trace snapshot -R -f bundle/ > small.json what there is already, pruned
  k8s-trace snapshot --print                    the commands, for who has kubectl alone`;

const COMPLETION_EXAMPLES = `
Names of pods, services and nodes are those of -f, or of what a trace would read without it.

Examples:
  source <(k8s-trace completion bash)                                   in ~/.bashrc
  source <(k8s-trace completion zsh)                                    in ~/.zshrc, after compinit
  k8s-trace completion fish > ~/.config/fish/completions/k8s-trace.fish
  k8s-trace completion powershell | Out-String | Invoke-Expression      in $PROFILE`;

/** The command line. Errors, help and the version come back as CommanderError. */
export function buildProgram(io: Io, actions: Actions, done: (status: number) => void): Command {
  const program = new Command('k8s-trace')
    .description('Follow a packet through a Kubernetes cluster, hop by hop, from files alone.')
    .usage('[trace] SOURCE DESTINATION [options]')
    .version(io.version, '-V, --version', 'print the version')
    .option('-f, --filename <path>', 'a topology: a file, a directory, or - for standard input; repeatable', collect)
    .option('-R, --recursive', 'read directories below those of -f too')
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
    .option('--nodes <number>', 'on how many nodes manifests are taken to run (default: 2)')
    .optionsGroup('Help:')
    .helpOption('-h, --help', 'print help')
    .helpCommand('help [command]', 'print help for a command')
    .addHelpText('after', EXAMPLES)
    .configureHelp({ showGlobalOptions: true, visibleGlobalOptions: globalOptionsOf })
    .showHelpAfterError(false)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => io.stdout.write(asCalled(text, io)),
      writeErr: (text) => io.stderr.write(asCalled(text, io)),
      outputError: () => {},
    });
  const finish = async (status: Promise<number>) => done(await status);
  const trace = program
    .command('trace', { isDefault: true })
    .description('where does a packet go, and if it does not arrive, why? (the default command)')
    .argument('[names...]', 'SOURCE and DESTINATION')
    .usage('SOURCE DESTINATION [options]')
    .option('--all-paths', 'show the hops of every path')
    .option('--all-sources', 'each pod of a workload asks (deploy/web as SOURCE), one trace after the other')
    .option('--reply', "show the answer's hops too")
    .option('--with-dns', "follow the DNS query of the destination's name first")
    .option('-q, --quiet', 'print no result: the exit status says it')
    .action((names: string[], _own, command: Command) => finish(actions.trace(names, command.optsWithGlobals<TraceFlags>())));
  addPacketOptions(trace);
  program
    .command('check')
    .description('run the expectations in the files: for CI')
    .argument('[files...]', 'the same as -f')
    .option('--fail-on <severity>', 'what makes it fail: error (the default), warning, note or never')
    .option('--undetermined <what>', 'what an undetermined result counts as: fail (the default), warn or pass')
    .option('-q, --quiet', 'print no result: the exit status says it')
    .addHelpText('after', REPORTS)
    .action((files: string[], _own, command: Command) => finish(actions.check(files, command.optsWithGlobals<CheckFlags>())));
  program
    .command('validate')
    .description('check the files themselves: syntax, fields, references, and what is wrong whatever the traffic')
    .argument('[files...]', 'the same as -f')
    .option('--select <codes>', 'only these findings, and errors; several with commas', collect)
    .option('--ignore <codes>', 'not these findings', collect)
    .option('--fail-on <severity>', 'what makes it fail: error (the default), warning, note or never')
    .action((files: string[], _own, command: Command) => finish(actions.validate(files, command.optsWithGlobals<ValidateFlags>())));
  program
    .command('show')
    .description('what was compiled: devices, routes, rules, endpoints')
    .argument(
      '[what...]',
      'node NAME, pod NAME, service NAME; nodes, pods, services; cluster for what is known about it; topology for the built-in file; nothing for all',
    )
    .usage('[node NAME|pod NAME|service NAME|nodes|pods|services|cluster] [options]')
    .option('--rules', "a node's iptables rules, as iptables-save prints them")
    .addHelpText('after', SHOW_EXAMPLES)
    .action((what: string[], _own, command: Command) => finish(actions.show(what, command.optsWithGlobals<ShowFlags>())));
  program
    .command('policy')
    .description('what policies let reach a pod, what they let it reach, and which rule says so')
    .argument('[pod...]', 'POD, NAMESPACE/POD, an address, or a workload: its first pod by name')
    .usage('POD [options]')
    .addHelpText('after', POLICY_EXAMPLES)
    .action((names: string[], _own, command: Command) => finish(actions.policy(names, command.optsWithGlobals<GlobalFlags>())));
  const matrix = program
    .command('matrix')
    .description('who can reach whom, at which ports: workloads, services, nodes and the internet')
    .argument('[words...]', 'with --merge, the parts')
    .usage('[--from WHO] [--to WHOM] [options]')
    .addHelpText('after', MATRIX_EXAMPLES)
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
    .addHelpText('after', DIFF_EXAMPLES)
    .action((inputs: string[], _own, command: Command) => finish(actions.diff(inputs, command.optsWithGlobals<DiffFlags>())));
  addSelectionOptions(diff);
  program
    .command('snapshot')
    .description('what your own kubectl says of the cluster, or what -f has, pruned to what is read: a file for -f')
    .usage('[-o FILE] [options]')
    .option('--print', 'print the kubectl commands instead')
    .addHelpText('after', SNAPSHOT_EXAMPLES)
    .action((_own, command: Command) => finish(actions.snapshot(command.optsWithGlobals<SnapshotFlags>())));
  addLabCommand(program, actions.lab, finish);
  program
    .command('explain')
    .description('what a reason code or a finding means, and what to do about it')
    .argument('[code]', 'as NO_ROUTE or selector-matches-nothing; without one, all codes')
    .addHelpText('after', '\nFormats (-o FORMAT or -o FORMAT=FILE): text (the default), markdown')
    .action((code: string | undefined, _own, command: Command) => finish(actions.explain(code, command.optsWithGlobals<GlobalFlags>())));
  program
    .command('schema')
    .description('the JSON Schema of what goes in, and of what -o json prints')
    .argument('<name>', 'topology, expectations, trace, check, policy, matrix, diff or lab')
    .action((name: string, _own, command: Command) => finish(actions.schema(name, command.optsWithGlobals<GlobalFlags>())));
  program
    .command('completion')
    .description('print the script that makes a shell complete names and flags')
    .argument('<shell>', 'bash, zsh, fish or powershell')
    .addHelpText('after', COMPLETION_EXAMPLES)
    .action((shell: string, _own, command: Command) => finish(actions.completion(shell, command.optsWithGlobals<GlobalFlags>())));
  return program;
}

/** `-o` takes other formats in each command: its help lists its own. */
const FORMATS_IN: Readonly<Record<string, string>> = {
  matrix: 'table, json, yaml, csv, markdown or html; repeatable with files',
  diff: 'text, json, markdown, github or html; repeatable with files',
  check: 'text, json, junit, sarif, github, gitlab, tap or markdown; repeatable with files',
  policy: 'table, json, yaml or markdown; repeatable with files',
};

function globalOptionsOf(command: Command): Option[] {
  const inherited: Option[] = [];
  for (let above = command.parent; above !== null; above = above.parent) inherited.push(...above.options.filter((o) => !o.hidden));
  const formats = FORMATS_IN[command.name()];
  return inherited.map((option) => (option.long === '--output' && formats !== undefined ? new Option(option.flags, formats) : option));
}

export { CommanderError };
