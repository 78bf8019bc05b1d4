/** A word as a POSIX shell takes it for one, with quotes where it would make something of it. */
export const shellWord = (word: string): string => (/^[\w./:=@%+,-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`);
