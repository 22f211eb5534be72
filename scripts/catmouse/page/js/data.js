// The tables that the build packed: see pack() in build.py.

const [i1, i2, u1, u2] = [Int8Array, Int16Array, Uint8Array, Uint16Array];
const TYPES = { f8: Float64Array, f4: Float32Array, u2, u1, i2, i1 };
const ALIGNED = 8;

/** The nested tables, with typed arrays in them, from the text in the page. */
export async function unpack(text) {
  const packed = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate"));
  const bytes = await new Response(stream).arrayBuffer();
  const length = Number(new DataView(bytes).getBigUint64(0, true));
  const first = ALIGNED + length;
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(bytes, ALIGNED, length)));

  const restore = (value) => {
    if (value === null || typeof value !== "object") return value;
    if (Array.isArray(value)) return value.map(restore);
    if ("$" in value) return new TYPES[value.$](bytes, first + value.at, value.size);
    return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, restore(one)]));
  };
  return restore(header);
}
