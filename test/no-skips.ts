import type { Reporter, TestModule } from 'vitest/node';

/** With K8S_TRACE_REQUIRE_KERNEL=1, as CI has it, a test that is skipped is a failure: the machine has all that the tests need. */
export default class NoSkips implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const skipped = modules.flatMap((m) => [...m.children.allTests('skipped')].map((t) => `${m.relativeModuleId}: ${t.fullName}`));
    if (skipped.length === 0) return;
    process.stderr.write(
      `K8S_TRACE_REQUIRE_KERNEL: ${skipped.length} skipped on a machine that has what tests need\n${skipped.join('\n')}\n`,
    );
    process.exitCode = 1;
  }
}
