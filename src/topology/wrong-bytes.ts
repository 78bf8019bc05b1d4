import type { WrongForm } from './kubernetes/wrong-form.ts';

/** What a file is that is no text, and the command that makes texts of it. */

const [GZIP, XZ, BZIP2, ZSTD] = [
  [0x1f, 0x8b],
  [0xfd, 0x37, 0x7a, 0x58, 0x5a],
  [0x42, 0x5a, 0x68],
  [0x28, 0xb5, 0x2f, 0xfd],
] as const;
const ZIP = [0x50, 0x4b, 0x03, 0x04];
const SEVEN_ZIP = [0x37, 0x7a, 0xbc, 0xaf];
const UTF_16 = [
  [0xff, 0xfe],
  [0xfe, 0xff],
];
/** Where a tar archive says that it is one: POSIX.1-1988, ustar. */
const TAR = { magic: [...'ustar'].map((c) => c.charCodeAt(0)), at: 257 };

/** With the program that each is read by. */
const COMPRESSED: readonly (readonly [magic: readonly number[], command: string])[] = [
  [GZIP, 'gunzip -c'],
  [XZ, 'xz -dc'],
  [BZIP2, 'bzip2 -dc'],
  [ZSTD, 'zstd -dc'],
];

/** The flags that take a directory, and standard input. */
interface Taken {
  readonly folder: string;
  readonly stdin: string;
}

const OBJECTS: Taken = { folder: '-R -f dump', stdin: '-f -' };
export const STATE: Taken = { folder: '--node-state dump', stdin: '--node-state -' };

export function wrongBytes(name: string, beginning: Uint8Array, { folder, stdin }: Taken = OBJECTS): WrongForm | null {
  const has = (magic: readonly number[], at = 0) => magic.every((byte, i) => beginning[at + i] === byte);
  const file = name === STDIN ? 'FILE' : PLAIN_NAME.test(name) ? name : `'${name.replaceAll("'", "'\\''")}'`;
  const unpack = (command: string) => `unpack it first: ${command} && k8s-trace ${folder} ...`;
  const untar = unpack(`mkdir dump && tar -xf ${file} -C dump`);
  if (has(TAR.magic, TAR.at)) return { message: 'this is a tar archive', hint: untar };
  if (has(ZIP)) return { message: 'this is a zip archive', hint: unpack(`unzip ${file} -d dump`) };
  if (has(SEVEN_ZIP)) return { message: 'this is a 7z archive', hint: unpack(`7z x ${file} -odump`) };
  const by = COMPRESSED.find(([magic]) => has(magic));
  if (by !== undefined && TAR_NAME.test(name)) return { message: 'this is a tar archive, compressed', hint: untar };
  if (by !== undefined) return { message: 'this is compressed', hint: `${by[1]} ${file} | k8s-trace ${stdin} ...` };
  if (UTF_16.some((mark) => has(mark)))
    return {
      message: 'this text is UTF-16, as PowerShell writes it',
      hint: 'write it as UTF-8: kubectl ... | Out-File -Encoding utf8 FILE',
    };
  return null;
}

/** As standard input is called. */
const STDIN = '(stdin)';
const TAR_NAME = /\.(?:tar\.\w+|t[gx]z|tbz2?|tzst)$/i;
/** What a shell takes as it is. */
const PLAIN_NAME = /^[\w./][\w./-]*$/;
