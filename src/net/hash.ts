/**
 * SHA-1 and SHA-256 of a short text (FIPS 180-4), which names of chains and devices and MAC addresses are made of. node:crypto takes longer to
 * load than most traces to make.
 */

const encoder = new TextEncoder();

export const sha1 = (text: string): Uint8Array => digest(text, SHA1_BEGIN, addToSha1);
export const sha256 = (text: string): Uint8Array => digest(text, SHA256_BEGIN, addToSha256);

const BLOCK = 64;
const WORD = 4;

type Add = (state: DataView, block: DataView) => void;

function digest(text: string, begin: readonly number[], add: Add): Uint8Array {
  const message = padded(encoder.encode(text));
  const state = wordsOf(begin);
  for (let at = 0; at < message.length; at += BLOCK) add(state, new DataView(message.buffer, at, BLOCK));
  return new Uint8Array(state.buffer);
}

/** As texts have it. */
export const hex = (bytes: Uint8Array): string => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');

/** A one bit, zeros, and the length in bits as the last of the words. */
function padded(bytes: Uint8Array) {
  const message = new Uint8Array(Math.ceil((bytes.length + 1 + 2 * WORD) / BLOCK) * BLOCK);
  message.set(bytes);
  message[bytes.length] = 0x80;
  new DataView(message.buffer).setUint32(message.length - WORD, bytes.length * 8);
  return message;
}

function wordsOf(values: readonly number[]) {
  const view = new DataView(new ArrayBuffer(values.length * WORD));
  for (const [i, value] of values.entries()) view.setInt32(i * WORD, value);
  return view;
}

const left = (word: number, bits: number) => (word << bits) | (word >>> (32 - bits));
const right = (word: number, bits: number) => (word >>> bits) | (word << (32 - bits));

/** The block's own words, and those that are made of words before them. */
const schedule = new DataView(new ArrayBuffer(80 * WORD));
const scheduled = (i: number) => schedule.getInt32(i * WORD);

function makeSchedule(block: DataView, length: number, next: (i: number) => number): void {
  for (let i = 0; i < length; i++) schedule.setInt32(i * WORD, i < BLOCK / WORD ? block.getInt32(i * WORD) : next(i));
}

function addTo(state: DataView, words: readonly number[]): void {
  for (const [i, word] of words.entries()) state.setInt32(i * WORD, state.getInt32(i * WORD) + word);
}

const SHA1_BEGIN = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0];

const addToSha1: Add = (state, block) => {
  makeSchedule(block, 80, (i) => left(scheduled(i - 3) ^ scheduled(i - 8) ^ scheduled(i - 14) ^ scheduled(i - 16), 1));
  let [a, b, c, d, e] = [state.getInt32(0), state.getInt32(4), state.getInt32(8), state.getInt32(12), state.getInt32(16)];
  for (let i = 0; i < 80; i++) {
    const next = (left(a, 5) + mixed(i, b, c, d) + e + scheduled(i)) | 0;
    e = d;
    d = c;
    c = left(b, 30);
    b = a;
    a = next;
  }
  addTo(state, [a, b, c, d, e]);
};

function mixed(i: number, b: number, c: number, d: number): number {
  if (i < 20) return ((b & c) | (~b & d)) + 0x5a827999;
  if (i < 40) return (b ^ c ^ d) + 0x6ed9eba1;
  if (i < 60) return ((b & c) | (b & d) | (c & d)) + 0x8f1bbcdc;
  return (b ^ c ^ d) + 0xca62c1d6;
}

const SHA256_BEGIN = [0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19];

const ROUNDS = wordsOf([
  0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be,
  0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa,
  0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85,
  0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3,
  0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f,
  0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
]);

const addToSha256: Add = (state, block) => {
  makeSchedule(block, 64, (i) => small1(scheduled(i - 2)) + scheduled(i - 7) + small0(scheduled(i - 15)) + scheduled(i - 16));
  let [a, b, c, d] = [state.getInt32(0), state.getInt32(4), state.getInt32(8), state.getInt32(12)];
  let [e, f, g, h] = [state.getInt32(16), state.getInt32(20), state.getInt32(24), state.getInt32(28)];
  for (let i = 0; i < 64; i++) {
    const one = h + (right(e, 6) ^ right(e, 11) ^ right(e, 25)) + ((e & f) ^ (~e & g)) + ROUNDS.getInt32(i * WORD) + scheduled(i);
    const two = (right(a, 2) ^ right(a, 13) ^ right(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
    h = g;
    g = f;
    f = e;
    e = (d + one) | 0;
    d = c;
    c = b;
    b = a;
    a = (one + two) | 0;
  }
  addTo(state, [a, b, c, d, e, f, g, h]);
};

const small0 = (word: number) => right(word, 7) ^ right(word, 18) ^ (word >>> 3);
const small1 = (word: number) => right(word, 17) ^ right(word, 19) ^ (word >>> 10);
