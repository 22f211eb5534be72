// Products of matrices that lie row by row in typed arrays. Two rows by four columns at a time stay in the
// processor's registers, which is three times as fast as the plain loop; sums are kept in double precision.

/** C (m, n) = A (m, k) B (k, n). Rows of A are `stride` numbers apart, from `first` on. */
export function multiply(A, first, stride, B, C, m, k, n) {
  if (n === 1) {
    multiplyColumn(A, first, stride, B, C, m, k);
    return;
  }
  for (let i = 0; i < m; i += 2) {
    const one = first + i * stride;
    const two = i + 1 < m ? one + stride : one; // the last of an odd number is worked out twice
    const to = i * n;
    const below = i + 1 < m ? to + n : to;
    let j = 0;
    for (; j + 3 < n; j += 4) {
      let c00 = 0, c01 = 0, c02 = 0, c03 = 0, c10 = 0, c11 = 0, c12 = 0, c13 = 0;
      for (let p = 0, b = j; p < k; p++, b += n) {
        const x = A[one + p], y = A[two + p];
        const b0 = B[b], b1 = B[b + 1], b2 = B[b + 2], b3 = B[b + 3];
        c00 += x * b0; c01 += x * b1; c02 += x * b2; c03 += x * b3;
        c10 += y * b0; c11 += y * b1; c12 += y * b2; c13 += y * b3;
      }
      C[to + j] = c00; C[to + j + 1] = c01; C[to + j + 2] = c02; C[to + j + 3] = c03;
      C[below + j] = c10; C[below + j + 1] = c11; C[below + j + 2] = c12; C[below + j + 3] = c13;
    }
    for (; j < n; j++) {
      let c0 = 0, c1 = 0;
      for (let p = 0, b = j; p < k; p++, b += n) {
        c0 += A[one + p] * B[b];
        c1 += A[two + p] * B[b];
      }
      C[to + j] = c0;
      C[below + j] = c1;
    }
  }
}

/** The same of a single column, four rows at a time: one game, as the article plays them. */
function multiplyColumn(A, first, stride, B, C, m, k) {
  let i = 0;
  for (; i + 3 < m; i += 4) {
    const one = first + i * stride, two = one + stride, three = two + stride, four = three + stride;
    let c0 = 0, c1 = 0, c2 = 0, c3 = 0;
    for (let p = 0; p < k; p++) {
      const b = B[p];
      c0 += A[one + p] * b; c1 += A[two + p] * b; c2 += A[three + p] * b; c3 += A[four + p] * b;
    }
    C[i] = c0; C[i + 1] = c1; C[i + 2] = c2; C[i + 3] = c3;
  }
  for (; i < m; i++) {
    let c = 0;
    for (let p = 0, a = first + i * stride; p < k; p++, a++) c += A[a] * B[p];
    C[i] = c;
  }
}

/** C (m, k) += A (m, n) times B (k, n) transposed. Rows of C are `stride` numbers apart, from `first` on. */
export function addOuter(A, B, C, first, stride, m, k, n) {
  if (n === 1) {
    for (let i = 0, c = first; i < m; i++, c += stride) {
      const a = A[i];
      for (let j = 0; j < k; j++) C[c + j] += a * B[j];
    }
    return;
  }
  for (let i = 0; i < m; i += 2) {
    const one = i * n;
    const pair = i + 1 < m;
    const two = pair ? one + n : one;
    const to = first + i * stride;
    let j = 0;
    for (; j + 3 < k; j += 4) {
      let c00 = 0, c01 = 0, c02 = 0, c03 = 0, c10 = 0, c11 = 0, c12 = 0, c13 = 0;
      const r0 = j * n, r1 = r0 + n, r2 = r1 + n, r3 = r2 + n;
      for (let p = 0; p < n; p++) {
        const x = A[one + p], y = A[two + p];
        const b0 = B[r0 + p], b1 = B[r1 + p], b2 = B[r2 + p], b3 = B[r3 + p];
        c00 += x * b0; c01 += x * b1; c02 += x * b2; c03 += x * b3;
        c10 += y * b0; c11 += y * b1; c12 += y * b2; c13 += y * b3;
      }
      const c = to + j, d = c + stride;
      C[c] += c00; C[c + 1] += c01; C[c + 2] += c02; C[c + 3] += c03;
      if (pair) { C[d] += c10; C[d + 1] += c11; C[d + 2] += c12; C[d + 3] += c13; }
    }
    for (; j < k; j++) {
      let c0 = 0, c1 = 0;
      for (let p = 0, b = j * n; p < n; p++, b++) {
        c0 += A[one + p] * B[b];
        c1 += A[two + p] * B[b];
      }
      C[to + j] += c0;
      if (pair) C[to + stride + j] += c1;
    }
  }
}

/** T (columns, rows) = columns `from` to `to` of A (rows, stride), transposed. */
export function transpose(A, stride, rows, from, to, T) {
  for (let j = from, out = 0; j < to; j++) {
    for (let i = 0; i < rows; i++) T[out++] = A[i * stride + j];
  }
}

export function sigmoid(x) {
  return 1 / (1 + Math.exp(-x));
}
