/** Where a text stops being the beginning of any JSON text: only for a message, and only after the parser has failed. */
export function firstSyntaxError(text: string): number {
  const stack: string[] = [];
  const token = /["{}[\],:]|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?|true|false|null|[ \t\r\n]+/y;
  let offset = 0;
  let previous = '';
  for (let match = token.exec(text); match !== null; match = token.exec(text)) {
    const [word] = match;
    if (word.trim() !== '') {
      if (!mayFollow(previous, word, stack)) return match.index;
      if (word === '{' || word === '[') stack.push(word);
      else if (word === '}' || word === ']') stack.pop();
      else if (word === '"') {
        const { end, fault } = readString(text, match.index);
        if (fault !== null) return fault;
        token.lastIndex = end;
      }
      previous = word;
    }
    offset = token.lastIndex;
  }
  return Math.min(offset, Math.max(text.length - 1, 0));
}

function mayFollow(previous: string, word: string, stack: readonly string[]): boolean {
  const value = !/^[}\],:]$/.test(word);
  if (word === '}') return stack.at(-1) === '{' && previous !== ',' && previous !== ':';
  if (word === ']') return stack.at(-1) === '[' && previous !== ',';
  if (word === ',') return stack.length > 0 && !/^[{[,:]$/.test(previous);
  if (word === ':') return stack.at(-1) === '{' && previous === '"';
  return value && (previous === '' || /^[{[,:]$/.test(previous));
}

const ESCAPE = /\\(?:["\\/bfnrt]|u[\da-fA-F]{4})/y;

/** The end of a string that begins at `start`; or what is wrong in it: its own beginning when it does not end. */
function readString(text: string, start: number): { readonly end: number; readonly fault: number | null } {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: RFC 8259, 7: these have to be escaped, and no others
  const special = /["\\\u0000-\u001f]/g;
  special.lastIndex = start + 1;
  for (let match = special.exec(text); match !== null; match = special.exec(text)) {
    if (match[0] === '"') return { end: match.index + 1, fault: null };
    ESCAPE.lastIndex = match.index;
    if (match[0] !== '\\' || !ESCAPE.test(text)) return { end: match.index, fault: match.index };
    special.lastIndex = ESCAPE.lastIndex;
  }
  return { end: text.length, fault: start };
}
