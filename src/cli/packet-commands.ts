import type { Command } from 'commander';
import type { Actions, Finish } from './actions.ts';
import { addPacketOptions, type CheckFlags, collect, type TraceFlags, type ValidateFlags } from './flags.ts';
import { CHECK_HELP } from './help-texts.ts';

/** The commands that ask of an input what becomes of packets, or whether it is good for that. */
export function addPacketCommands(program: Command, actions: Actions, finish: Finish): void {
  const trace = program
    .command('trace', { isDefault: true })
    .description('where does a packet go, and if it does not arrive, why? (the default command)')
    .argument('[names...]', 'SOURCE and DESTINATION')
    .usage('SOURCE DESTINATION [options]')
    .option('--all-paths', 'show the hops of every path')
    .option('--all-sources', 'each pod of a workload asks (deploy/web as SOURCE), one trace after the other')
    .option('--reply', "show the answer's hops too")
    .option('--with-dns', "follow the DNS query of the destination's name first")
    .option('--established', 'a packet of a connection that stands already, by what conntrack -L printed on the nodes (--node-state)')
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
    .addHelpText('after', CHECK_HELP)
    .action((files: string[], _own, command: Command) => finish(actions.check(files, command.optsWithGlobals<CheckFlags>())));
  program
    .command('validate')
    .description('check the files themselves: syntax, fields, references, and what is wrong whatever the traffic')
    .argument('[files...]', 'the same as -f')
    .option('--select <codes>', 'only these findings, and errors; several with commas', collect)
    .option('--ignore <codes>', 'not these findings', collect)
    .option('--fail-on <severity>', 'what makes it fail: error (the default), warning, note or never')
    .action((files: string[], _own, command: Command) => finish(actions.validate(files, command.optsWithGlobals<ValidateFlags>())));
}
