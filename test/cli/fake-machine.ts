import type { Conversation, Machine, Process, Ran } from '../../src/index.ts';

/** A machine that answers as it is told to, and notes what is done to it. */
export interface FakeMachine extends Machine {
  /** Everything that was run, opened, attached or killed, as words. */
  readonly done: string[];
  /** Holders and agents that nobody ended or let go. */
  pending(): readonly string[];
}

export interface Answers {
  readonly platform?: string;
  readonly uid?: number;
  /** Programs that are not there. */
  readonly missing?: readonly string[];
  /** What `unshare` says when it refuses: as root (first) and in a user namespace. */
  readonly refusals?: readonly string[];
  /** Probes that have one of these in them fail. */
  readonly lacks?: readonly string[];
  readonly build?: Ran;
  /** What the client's program sees of each packet. No packet is on any device. */
  readonly saw?: string;
  /** Listening fails, with this. */
  readonly deaf?: string;
  /** The exit status of what `lab exec` runs. */
  readonly status?: number;
}

const FINE: Ran = { status: 0, stdout: '', stderr: '' };

export function fakeMachine(answers: Answers = {}): FakeMachine {
  const done: string[] = [];
  const running = new Map<number, Process>();
  const talks = new Set<string>();
  let built: readonly string[] = [];
  let lastPid = 4000;

  const holder = (command: readonly string[]): Conversation => {
    const rootless = command.includes('--user');
    const refusal = answers.refusals?.[rootless ? 1 : 0] ?? '';
    if (refusal !== '') return talking('holder', () => null, refusal);
    const pid = ++lastPid;
    const words = command.slice(command.indexOf('--') + 1);
    running.set(pid, { pid, uid: machine.uid, words });
    const lines = [`ready ${pid}`];
    return talking(`holder ${pid}`, () => lines.shift() ?? null, '', {
      write: () => lines.push('staying'),
      close: () => running.delete(pid),
    });
  };
  const agent = (): Conversation => {
    const lines: string[] = [];
    const answer = (word: string) => {
      if (word === 'flow') return `client ${answers.saw ?? 'time-out'}`;
      return word === 'listen' && answers.deaf !== undefined ? `error ${answers.deaf}` : 'ok';
    };
    return talking('agent', () => lines.shift() ?? null, '', { write: (text) => lines.push(answer(text.split(' ')[0]?.trim() ?? '')) });
  };
  function talking(
    what: string,
    line: () => string | null,
    stderr: string,
    on: { readonly write?: (text: string) => void; readonly close?: () => void } = {},
  ): Conversation {
    talks.add(what);
    return {
      write: (text) => on.write?.(text),
      line: async () => line(),
      async close() {
        talks.delete(what);
        on.close?.();
      },
      leave: () => void talks.delete(what),
      stderr: () => stderr,
    };
  }

  const machine: FakeMachine = {
    platform: answers.platform ?? 'linux',
    uid: answers.uid ?? 0,
    release: '6.1.0-fake',
    directory: '/home/me',
    agent: '# the agent',
    done,
    pending: () => [...talks],
    has: (program) => answers.missing?.includes(program) !== true,
    async run(command, stdin) {
      if (stdin.includes('|| echo 0\n')) return { ...FINE, stdout: failing(stdin, answers.lacks ?? []) };
      done.push(`build ${command.join(' ')}`);
      built = [...stdin.matchAll(/^netns add (\S+)$/gm)].map((m) => m[1] ?? '');
      return answers.build ?? FINE;
    },
    open(command) {
      done.push(`open ${command.slice(0, 8).join(' ')}`);
      return command[0] === 'unshare' ? holder(command) : agent();
    },
    async attach(command) {
      done.push(`attach ${command.join(' ')}`);
      return answers.status ?? 0;
    },
    processes: () => [...running.values()],
    list: (directory) => (directory.endsWith('/run/netns') ? [...built].sort() : []),
    processesIn: () => [],
    async kill(pid) {
      done.push(`kill ${pid}`);
      running.delete(pid);
    },
  };
  return machine;
}

/** What the probes print that fail. */
function failing(script: string, lacks: readonly string[]): string {
  const lines = script.split('\n').filter((line) => lacks.some((what) => line.includes(what)));
  return lines.map((line) => `${/echo (\d+)$/.exec(line)?.[1]}\n`).join('');
}
