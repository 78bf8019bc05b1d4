import type { Reporter, TestModule } from 'vitest/node';

/** Tests that read other people's dumps, which are no part of the project, say in a line that these are not beside it. */
const ELSEWHERE = /^test\/dumps\/|not beside the project|shared\/dumps is not there/;

/** With K8S_TRACE_REQUIRE_KERNEL=1, as CI has it, a test that is skipped is a failure: the machine has all that the tests need. */
export default class NoSkips implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const all = modules.flatMap((m) => [...m.children.allTests('skipped')].map((t) => `${m.relativeModuleId}: ${t.fullName}`));
    const skipped = all.filter((name) => !ELSEWHERE.test(name));
    if (skipped.length === 0) return;
    process.stderr.write(
      `K8S_TRACE_REQUIRE_KERNEL: ${skipped.length} skipped on a machine that has what tests need\n${skipped.join('\n')}\n`,
    );
    process.exitCode = 1;
  }
}
