// The Mersenne Twister, as numpy.random.RandomState has it: the same seed gives the same numbers.

const SIZE = 624;
const SHIFT = 397;

export class RandomStream {
  constructor(seed) {
    this.state = new Uint32Array(SIZE);
    this.state[0] = seed;
    for (let i = 1; i < SIZE; i++) {
      const before = this.state[i - 1] ^ (this.state[i - 1] >>> 30);
      this.state[i] = Math.imul(1812433253, before) + i;
    }
    this.used = SIZE;
  }

  /** 32 random bits. */
  bits() {
    if (this.used === SIZE) this.refill();
    let y = this.state[this.used++];
    y ^= y >>> 11;
    y ^= (y << 7) & 0x9d2c5680;
    y ^= (y << 15) & 0xefc60000;
    return (y ^ (y >>> 18)) >>> 0;
  }

  refill() {
    const state = this.state;
    for (let i = 0; i < SIZE; i++) {
      const y = (state[i] & 0x80000000) | (state[(i + 1) % SIZE] & 0x7fffffff);
      state[i] = state[(i + SHIFT) % SIZE] ^ (y >>> 1) ^ (y & 1 ? 0x9908b0df : 0);
    }
    this.used = 0;
  }

  /** Uniform in [0, 1), with 53 bits. */
  uniform() {
    const high = this.bits() >>> 5;
    return (high * 67108864 + (this.bits() >>> 6)) / 9007199254740992;
  }

  /** A whole number from 0 to most - 1, drawn as `RandomState.randint` does: bits until they fit. */
  below(most) {
    const mask = 2 ** Math.ceil(Math.log2(most)) - 1;
    for (;;) {
      const value = this.bits() & mask;
      if (value < most) return value;
    }
  }

  /** Normal, mean 0 and deviation 1 (Box and Muller 1958). */
  normal() {
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()));
    return radius * Math.cos(2 * Math.PI * this.uniform());
  }

  /** The index of an action, drawn by its probabilities. */
  pick(probabilities) {
    let left = this.uniform() * probabilities.reduce((sum, p) => sum + p, 0);
    let last = 0;
    for (let i = 0; i < probabilities.length; i++) {
      if (probabilities[i] > 0) last = i;
      left -= probabilities[i];
      if (left < 0) return last;
    }
    return last;
  }
}
