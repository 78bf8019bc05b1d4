/** The part of the machine that the lab needs: processes. The bin hands over the real ones. */
export interface Machine {
  readonly platform: string;
  /** Of our user; 0 is root. */
  readonly uid: number;
  /** The kernel's release, as uname has it. */
  readonly release: string;
  /** The working directory. */
  readonly directory: string;
  /** The program that holds the lab's sockets, as text for `perl -e`. */
  readonly agent: string;
  /** Is there such a program on the path? */
  has(program: string): boolean;
  /** Runs a command to its end. */
  run(command: readonly string[], stdin: string): Promise<Ran>;
  /** Starts a command in a session of its own, to talk with. It is told of our end by the end of its standard input. */
  open(command: readonly string[]): Conversation;
  /** Runs a command with our own terminal; answers its exit status. */
  attach(command: readonly string[]): Promise<number>;
  /** All processes that we may look at, with the words of their command lines. */
  processes(): readonly Process[];
  /** Names in a directory, in order; empty when there is none. */
  list(directory: string): readonly string[];
  /**
   * The processes, but for ourselves, in any of the network namespaces that another /run/netns has as files. None when it is our own: so
   * it looks through a holder that has only just begun.
   */
  processesIn(directory: string): readonly number[];
  /** SIGKILL; answers once the process is gone, which it may be already. */
  kill(pid: number): Promise<void>;
}

export interface Ran {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Process {
  readonly pid: number;
  readonly uid: number;
  readonly words: readonly string[];
}

export interface Conversation {
  write(text: string): void;
  /** The next line of its standard output; null when it has ended. */
  line(): Promise<string | null>;
  /** Ends its standard input and waits for its end. */
  close(): Promise<void>;
  /** Lets it go on without us. */
  leave(): void;
  /** All that it has written to its standard error. */
  stderr(): string;
}

/** The machine does not allow a lab, or the kernel refused a part of it: exit status 2. */
export class LabError extends Error {
  readonly hint: string | null;
  constructor(message: string, hint: string | null = null) {
    super(message);
    this.hint = hint;
  }
}
