//! Draws by address: the generator's known answers, what an address shifts and what it doesn't,
//! and the distributions of what comes out.
#![expect(clippy::float_cmp, reason = "these numbers are exact")]

use proband_math::stream::{Address, Purpose, Seed, Stream, below, philox, shuffle};
use rand::{Rng, RngExt};
use rand_distr::Distribution;
use std::collections::BTreeSet;

/// `philox4x64 10` of Random123's `kat_vectors` (release 1.14): counter, key, words.
#[test]
fn philox_gives_the_known_answers() {
    let ones = u64::MAX;
    let pi = [
        0x243f_6a88_85a3_08d3,
        0x1319_8a2e_0370_7344,
        0xa409_3822_299f_31d0,
        0x082e_fa98_ec4e_6c89,
        0x4528_21e6_38d0_1377,
        0xbe54_66cf_34e9_0c6c,
    ];
    let zero = [
        0x1655_4d9e_ca36_314c,
        0xdb20_fe9d_672d_0fdc,
        0xd7e7_72ce_e186_176b,
        0x7e68_b68a_ec7b_a23b,
    ];
    assert_eq!(philox([0; 4], [0; 2]), zero);
    let all = [
        0x87b0_92c3_013f_e90b,
        0x438c_3c67_be8d_0224,
        0x9cc7_d7c6_9cd7_77b6,
        0xa09c_aebf_594f_0ba0,
    ];
    assert_eq!(philox([ones; 4], [ones; 2]), all);
    let of_pi = [
        0xa528_f454_03e6_1d95,
        0x38c7_2dbd_566e_9788,
        0xa5a1_610e_72fd_18b5,
        0x57bd_43b5_e52b_7fe6,
    ];
    assert_eq!(philox([pi[0], pi[1], pi[2], pi[3]], [pi[4], pi[5]]), of_pi);
}

const AGE: Purpose = Purpose::new("covariate/age");

fn address() -> Address {
    Address { replicate: 2, twin: 17, index: 3, ..Address::new(Seed(2026), AGE) }
}

/// By numpy 2.4.6: `Philox(counter=c - 1, key=[2026, 1]).random_raw(8)` for the counter words
/// (3, purpose, 17, 2), then the same with 2 + 2^32; the purpose is FNV-1a with `SplitMix64`'s
/// finaliser, computed apart in Python.
#[test]
fn addresses_give_what_numpy_gives() {
    assert_eq!(AGE.bits(), 0x824a_fd1e_5ac8_1336);
    let words = [
        0x80b0_11d8_993a_de59,
        0xf260_74ed_583e_02d5,
        0xb03f_6e9f_6caf_a69a,
        0x94de_10f6_a56e_f3ff,
        0x49d9_48f2_4405_da8e,
        0x83cb_0176_8576_ac37,
        0x6623_ed35_08b3_d4ac,
        0x83b0_1af1_578c_a1cc,
    ];
    let mut stream = address().stream();
    assert_eq!(words, std::array::from_fn(|_| stream.bits()));
    assert_eq!(address().bits(), words[0]);
}

/// The same looked-up draws, whatever else a trial draws, and in whatever order.
#[test]
fn adding_a_purpose_or_an_index_shifts_no_other_draw() {
    let draw = |purpose: &str, twin, index| {
        Address { twin, index, ..Address::new(Seed(1), Purpose::new(purpose)) }.bits()
    };
    let before: Vec<u64> = (0..100).map(|twin| draw("covariate/age", twin, 0)).collect();
    let mut others = BTreeSet::new();
    let mut after = Vec::new();
    for twin in 0..100 {
        others.insert(draw("covariate/weight", twin, 0));
        after.push(draw("covariate/age", twin, 0));
        others.extend((1..5).map(|visit| draw("covariate/age", twin, visit)));
    }
    assert_eq!(before, after);
    assert_eq!(others.len(), 500);
    assert!(before.iter().all(|bits| !others.contains(bits)));
}

#[test]
fn each_part_of_an_address_counts() {
    let here = address();
    let mut all = BTreeSet::from([here.bits()]);
    for bit in 0..64 {
        all.insert(Address { twin: here.twin ^ 1 << bit, ..here }.bits());
        all.insert(Address { index: here.index ^ 1 << bit, ..here }.bits());
        all.insert(Address { seed: Seed(here.seed.0 ^ 1 << bit), ..here }.bits());
    }
    for bit in 0..32 {
        all.insert(Address { replicate: here.replicate ^ 1 << bit, ..here }.bits());
    }
    all.insert(Address { purpose: AGE.part("x"), ..here }.bits());
    all.insert(Address { purpose: Purpose::new("covariate/agex"), ..here }.bits());
    assert_eq!(all.len(), 1 + 3 * 64 + 32 + 2);
}

fn uniforms(n: u64) -> impl Iterator<Item = Address> {
    (0..n).map(|twin| Address { twin, ..address() })
}

#[test]
fn uniforms_are_odd_multiples_and_never_an_end() {
    for u in uniforms(10_000).map(Address::uniform) {
        assert!(u > 0.0 && u < 1.0);
        let odd = u * 2.0_f64.powi(53);
        assert_eq!(odd % 2.0, 1.0, "{u:e} is no odd multiple of 2^-53");
        assert_eq!(1.0 - (1.0 - u), u);
    }
}

/// Sample moments within five standard errors of the true ones.
#[track_caller]
fn check_moments(values: &[f64], mean: f64, variance: f64, kurtosis: f64) {
    let n = values.len() as f64;
    let found = values.iter().sum::<f64>() / n;
    assert!((found - mean).abs() < 5.0 * (variance / n).sqrt(), "mean {found}");
    let spread = values.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / n;
    let error = variance * ((kurtosis - 1.0) / n).sqrt();
    assert!((spread - variance).abs() < 5.0 * error, "variance {spread}");
}

#[test]
fn moments_are_right() {
    const N: u64 = 200_000;
    let of = |f: fn(Address) -> f64| uniforms(N).map(f).collect::<Vec<_>>();
    check_moments(&of(Address::uniform), 0.5, 1.0 / 12.0, 1.8);
    check_moments(&of(Address::normal), 0.0, 1.0, 3.0);
    check_moments(&of(Address::exponential), 1.0, 1.0, 9.0);
}

/// Kolmogorov's distance to the uniform distribution, across twins and along a stream.
#[test]
fn uniforms_are_uniform_across_twins_and_along_a_stream() {
    const N: usize = 100_000;
    let mut stream = address().stream();
    let along: Vec<f64> = (0..N).map(|_| stream.uniform()).collect();
    let across: Vec<f64> = uniforms(N as u64).map(Address::uniform).collect();
    for mut values in [along, across] {
        values.sort_by(f64::total_cmp);
        let n = N as f64;
        let distance = |(i, u): (usize, &f64)| {
            (u - i as f64 / n).abs().max((u - (i + 1) as f64 / n).abs())
        };
        let worst = values.iter().enumerate().map(distance).fold(0.0, f64::max);
        // Exceeded once in a thousand by a perfect generator.
        assert!(worst < 1.95 / n.sqrt(), "distance {worst}");
    }
}

#[test]
fn rands_samplers_accept_a_stream() {
    let mut stream = address().stream();
    let x: f64 = rand_distr::StandardNormal.sample(&mut stream);
    assert!(x.is_finite());
    assert!((1..=6).contains(&stream.random_range(1..=6)));
    let mut bytes = [0; 11];
    let mut again = stream.clone();
    stream.fill_bytes(&mut bytes);
    assert_eq!(bytes[..8], again.next_u64().to_le_bytes());
    assert_eq!(bytes[8..], again.next_u64().to_le_bytes()[..3]);
    let mut third = again.clone();
    assert_eq!(u64::from(again.next_u32()), third.next_u64() >> 32);
}

#[test]
fn below_is_even() {
    const N: usize = 60_000;
    let mut stream = Stream::new(address());
    let mut counts = [0_i32; 6];
    for _ in 0..N {
        counts[below(6, &mut stream) as usize] += 1;
    }
    // Chi-squared with 5 degrees of freedom exceeds 20.5 once in a thousand.
    let expected = N as f64 / 6.0;
    let chi: f64 = counts.iter().map(|&c| (f64::from(c) - expected).powi(2) / expected).sum();
    assert!(chi < 20.5, "{counts:?}");
    assert_eq!(below(0, &mut stream), 0);
    assert_eq!(below(1, &mut stream), 0);
    let bound = 3 << 62;
    assert!((0..1000).all(|_| below(bound, &mut stream) < bound));
}

#[test]
fn shuffles_are_permutations_all_equally_likely() {
    const N: u64 = 24_000;
    let mut counts = std::collections::BTreeMap::new();
    for twin in 0..N {
        let mut items = [0, 1, 2, 3];
        shuffle(&mut items, &mut Address { twin, ..address() }.stream());
        *counts.entry(items).or_insert(0) += 1;
    }
    assert_eq!(counts.len(), 24);
    // Chi-squared with 23 degrees of freedom exceeds 49.7 once in a thousand.
    let expected = N as f64 / 24.0;
    let chi: f64 = counts.values().map(|&c| (f64::from(c) - expected).powi(2) / expected).sum();
    assert!(chi < 49.7, "{counts:?}");
}
