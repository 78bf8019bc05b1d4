import { Chalk } from 'chalk';

/** The colours' meanings, so that no renderer picks its own. Colour never stands alone: the words say the same. */
export interface Paint {
  good(text: string): string;
  bad(text: string): string;
  doubtful(text: string): string;
  change(text: string): string;
  strong(text: string): string;
  faint(text: string): string;
}

const asItIs = (text: string) => text;
const PLAIN: Paint = { good: asItIs, bad: asItIs, doubtful: asItIs, change: asItIs, strong: asItIs, faint: asItIs };

/** An instance with a level of its own: chalk's default one does not know NO_COLOR. */
export function paint(color: boolean): Paint {
  if (!color) return PLAIN;
  const chalk = new Chalk({ level: 1 });
  // Of one text each: chalk's own print whatever else they are given, as the index that a map hands on.
  return {
    good: (text) => chalk.green(text),
    bad: (text) => chalk.red(text),
    doubtful: (text) => chalk.yellow(text),
    change: (text) => chalk.cyan(text),
    strong: (text) => chalk.bold(text),
    faint: (text) => chalk.dim(text),
  };
}

/** The colour of an outcome. */
export function outcomePaint(p: Paint, outcome: string): (text: string) => string {
  if (outcome === 'delivered') return p.good;
  return outcome === 'exits' || outcome === 'undetermined' ? p.doubtful : p.bad;
}
