import type { Reporter, TestModule } from 'vitest/node';

/** Tests that read what is no part of the project, and say in a line where it is not beside it. */
const ELSEWHERE = 'test/dumps/';

/** With K8S_TRACE_REQUIRE_KERNEL=1, as CI has it, a test that is skipped is a failure: the machine has all that the tests need. */
export default class NoSkips implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const own = modules.filter((m) => !m.relativeModuleId.startsWith(ELSEWHERE));
    const skipped = own.flatMap((m) => [...m.children.allTests('skipped')].map((t) => `${m.relativeModuleId}: ${t.fullName}`));
    if (skipped.length === 0) return;
    process.stderr.write(
      `K8S_TRACE_REQUIRE_KERNEL: ${skipped.length} skipped on a machine that has what tests need\n${skipped.join('\n')}\n`,
    );
    process.exitCode = 1;
  }
}
