import type { Command } from 'commander';
import type { Actions, Finish } from './actions.ts';
import type { GlobalFlags } from './flags.ts';
import { COMPLETION_HELP } from './help-texts.ts';

/** The commands that need no input. */
export function addReferenceCommands(program: Command, actions: Actions, finish: Finish): void {
  program
    .command('explain')
    .description('what a reason code or a finding means, and what to do about it')
    .argument('[code]', 'as NO_ROUTE or selector-matches-nothing; without one, all codes')
    .addHelpText('after', '\nFormats (-o FORMAT or -o FORMAT=FILE): text (the default), markdown')
    .action((code: string | undefined, _own, command: Command) => finish(actions.explain(code, command.optsWithGlobals<GlobalFlags>())));
  program
    .command('schema')
    .description('the JSON Schema of what goes in, and of what -o json prints')
    .argument('<name>', 'topology, expectations, trace, check, policy, matrix, diff, drift or lab')
    .action((name: string, _own, command: Command) => finish(actions.schema(name, command.optsWithGlobals<GlobalFlags>())));
  program
    .command('completion')
    .description('print the script that makes a shell complete names and flags')
    .argument('<shell>', 'bash, zsh, fish or powershell')
    .addHelpText('after', COMPLETION_HELP)
    .action((shell: string, _own, command: Command) => finish(actions.completion(shell, command.optsWithGlobals<GlobalFlags>())));
}
