/** A command line as it stands in bash's buffer, up to the cursor. */
export interface ShellLine {
  /** Its words as the command would get them, the command's own name first; the last one is being typed. Redirections are left out. */
  readonly words: readonly string[];
  /** The word at the cursor is a file's, after `<` or `>`. */
  readonly redirects: boolean;
  /** How the word at the cursor begins, when it has a quote that is still open. */
  readonly open: '"' | "'" | null;
}

/**
 * bash hands its completions words that are cut at `:`, `@` and `=` and have their quotes still on; this reads the line itself. Nothing
 * is run: a word with `$(…)` in it stays as it is written.
 */
export function readShellLine(line: string): ShellLine {
  const words: string[] = [];
  let word: string | null = null;
  let redirects = false;
  let open: ShellLine['open'] = null;
  const end = () => {
    if (word !== null && !redirects) words.push(word);
    if (word !== null) redirects = false;
    word = null;
  };
  for (let i = 0; i < line.length; i++) {
    const c = line.charAt(i);
    if (open === "'" || (open === '"' && c !== '\\')) {
      if (c === open) open = null;
      else word = `${word ?? ''}${c}`;
    } else if (c === '\\') {
      const next = line.charAt(++i);
      word = `${word ?? ''}${open === '"' && !'"\\$`'.includes(next) ? `\\${next}` : next}`;
    } else if (c === '"' || c === "'") {
      open = c;
      word ??= '';
    } else if (/\s/.test(c)) {
      end();
    } else if (c === '(') {
      const after = endOfGroup(line, i);
      word = `${word ?? ''}${line.slice(i, after)}`;
      i = after - 1;
    } else if ((c === '<' || c === '>') && line.charAt(i + 1) !== '(') {
      // 2> and &> belong to the redirection.
      if (word !== null && /^[\d&]$/.test(word)) word = null;
      end();
      redirects = true;
    } else {
      word = `${word ?? ''}${c}`;
    }
  }
  return { words: redirects ? words : [...words, word ?? ''], redirects, open };
}

/** Where what is in brackets ends: `$(…)` and `<(…)` are one word, whatever they hold. */
function endOfGroup(line: string, start: number): number {
  let depth = 0;
  for (let i = start; i < line.length; i++) {
    if (line.charAt(i) === '(') depth++;
    else if (line.charAt(i) === ')' && --depth === 0) return i + 1;
  }
  return line.length;
}

/**
 * Whether every shell reads this as one word that stands for itself. Candidates come from files and are put into command lines: the
 * topology's schema lets no other names in, and this does not rely on it. Brackets, of which shells make file names, are there only around
 * an address, and where the first one was typed.
 */
export const isPlainWord = (text: string) => /^(?!$)(\[[\da-f:.]+\])?[\w./:@=,+-]*$/.test(text);
