import { Command, CommanderError } from 'commander';
import type { Actions } from './actions.ts';
import { addClusterCommands } from './cluster-commands.ts';
import { addGlobalOptions, globalOptionsOf } from './global-options.ts';
import { asCalled, type Io } from './io.ts';
import { addLabCommand } from './lab-program.ts';
import { addPacketCommands } from './packet-commands.ts';
import { addReferenceCommands } from './reference-commands.ts';

export const COMMANDS = [
  'trace',
  'check',
  'validate',
  'show',
  'policy',
  'matrix',
  'diff',
  'drift',
  'snapshot',
  'collect',
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
  k8s-trace drift --node-state state             what nodes have beside what they should have
  k8s-trace 10.0.0.9 10.0.0.5:80 --in eth0 --node-state state   one machine, without an object
  k8s-trace pod-a svc/web --without node/node-2  what if that node were down?
  k8s-trace matrix --to deploy/db               who reaches whom, at which ports
  k8s-trace lab verify pod-a svc/web            the same packet in real network namespaces, beside the trace
  k8s-trace explain NO_ROUTE                    what a reason code or a finding means

Exit status: 0 delivered or exits, 1 not delivered or mixed, 2 the input does not allow an answer, 3 undetermined, 4 a fault in k8s-trace.`;

/** The command line. Errors, help and the version come back as CommanderError. */
export function buildProgram(io: Io, actions: Actions, done: (status: number) => void): Command {
  const program = addGlobalOptions(
    new Command('k8s-trace')
      .description('Follow a packet through a Kubernetes cluster, hop by hop, from files alone.')
      .usage('[trace] SOURCE DESTINATION [options]')
      .version(io.version, '-V, --version', 'print the version'),
  )
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
  addPacketCommands(program, actions, finish);
  addClusterCommands(program, actions, finish);
  addLabCommand(program, actions.lab, finish);
  addReferenceCommands(program, actions, finish);
  return program;
}

export { CommanderError };
