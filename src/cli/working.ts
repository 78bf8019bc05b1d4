import type { Io } from './io.ts';

/** What is told while work goes on. */
interface Working {
  progress(done: number, all: number): void;
  /** Takes the line away before each piece of a result is written. */
  quietWhile(pieces: Iterable<string>): Iterable<string>;
  end(): void;
}

const PATIENCE = 1000;
const EVERY = 200;

/** A line on standard error, of a terminal only, once something takes more than a second; it is gone when that is done. */
export function working(what: string, io: Io): Working {
  if (!io.stderr.isTerminal) return { progress: () => {}, quietWhile: (pieces) => pieces, end: () => {} };
  const start = io.now();
  let last = start + PATIENCE - EVERY;
  let isShown = false;
  const erase = () => {
    if (isShown) io.stderr.write('\r\u001b[K');
    isShown = false;
  };
  return {
    progress(done, all) {
      const now = io.now();
      if (now - last < EVERY) return;
      last = now;
      isShown = true;
      const percent = Math.floor((100 * done) / all);
      io.stderr.write(`\r\u001b[K${what}: ${percent} %, ${done.toLocaleString('en-US')} of ${all.toLocaleString('en-US')} cells`);
    },
    *quietWhile(pieces) {
      for (const piece of pieces) {
        erase();
        yield piece;
      }
    },
    end: erase,
  };
}
