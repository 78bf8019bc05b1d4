/** A part of a text: words, or a command that is to be copied. */
export interface Piece {
  readonly text: string;
  readonly isCommand: boolean;
}

/** Cuts a text at its commands. What only parts a command from the words after it, or ends the sentence, goes. */
export function piecesOf(text: string, commands: readonly string[]): readonly Piece[] {
  const pieces: Piece[] = [];
  let rest = text;
  for (const command of commands) {
    const at = rest.indexOf(command);
    if (at === -1) continue;
    pieces.push({ text: rest.slice(0, at).trimEnd(), isCommand: false }, { text: command, isCommand: true });
    rest = rest.slice(at + command.length).replace(/^(?:[;,.] ?| )/, '');
  }
  return [...pieces, { text: rest, isCommand: false }].filter((piece) => piece.text !== '');
}
