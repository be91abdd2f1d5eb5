//! Exponentials of matrices that fit the registers.

#![expect(
    clippy::needless_range_loop,
    reason = "matrices by their indices, as in the formulas"
)]

use proband_math::vector::Vector;

/// Terms of the series: what is left out is 1 / 19! of the largest of it, where the matrix is at most
/// one.
pub(super) const TERMS: usize = 18;

/// The exponential of a matrix at most one, squared as often as each lane says.
#[inline(always)]
pub(super) fn exponential<V: Vector, const N: usize>(
    a: &[[V; N]; N],
    squarings: V,
) -> [[V; N]; N] {
    let mut sum = [[V::splat(0.0); N]; N];
    for at in 0..N {
        sum[at][at] = V::splat(1.0);
    }
    for term in (1..=TERMS).rev() {
        add_term(1.0 / term as f64, a, &mut sum);
    }
    for done in 0..most(squarings) {
        sum = squared(V::splat(done as f64).lt(squarings), &sum);
    }
    sum
}

/// The greatest of some numbers of squarings.
#[inline(always)]
pub(super) fn most<V: Vector>(squarings: V) -> usize {
    let mut most = 0.0;
    for lane in 0..V::LANES {
        most = squarings.lane(lane).greater(most);
    }
    most as usize
}

/// Of a sum of terms `x`, makes `1 + factor a x`: column by column, so that it all stays in registers.
#[inline(always)]
fn add_term<V: Vector, const N: usize>(factor: f64, a: &[[V; N]; N], sum: &mut [[V; N]; N]) {
    for column in 0..N {
        let mut known = [V::splat(0.0); N];
        for inner in 0..N {
            known[inner] = sum[inner][column];
        }
        for row in 0..N {
            let mut product = a[row][0] * known[0];
            for inner in 1..N {
                product = a[row][inner].fma(known[inner], product);
            }
            let one = if row == column { 1.0 } else { 0.0 };
            sum[row][column] = product.fma(V::splat(factor), V::splat(one));
        }
    }
}

/// The square of the matrices of some lanes.
#[inline(always)]
fn squared<V: Vector, const N: usize>(wanted: V::Mask, known: &[[V; N]; N]) -> [[V; N]; N] {
    let mut square = [[V::splat(0.0); N]; N];
    for row in 0..N {
        for column in 0..N {
            let mut product = known[row][0] * known[0][column];
            for inner in 1..N {
                product = known[row][inner].fma(known[inner][column], product);
            }
            square[row][column] = V::select(wanted, product, known[row][column]);
        }
    }
    square
}
