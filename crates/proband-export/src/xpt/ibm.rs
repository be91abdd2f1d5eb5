//! IBM's floating-point numbers of 8 bytes, in which XPORT keeps all numbers.
//!
//! A sign, an exponent of 16 with 64 added, and a fraction of 56 bits below 1 whose first hexadecimal digit
//! is not 0. Source: TS-140; IBM System/370 Principles of Operation, "Floating-Point Number Representation".

/// `.`, as SAS writes a value that is missing.
pub(crate) const MISSING: [u8; 8] = special(b'.');

/// The special missing value of a letter.
const fn special(letter: u8) -> [u8; 8] {
    [letter, 0, 0, 0, 0, 0, 0, 0]
}

/// Bits of the fraction of a double, with the one that is not written.
const BITS: i32 = 53;

/// A number that is not NaN; none if it is too large. What is too small is 0; infinities are SAS's missing
/// values for them, `.I` and `.M`.
pub(crate) fn encoded(value: f64) -> Option<[u8; 8]> {
    if value.is_infinite() {
        return Some(special(if value > 0.0 { b'I' } else { b'M' }));
    }
    let bits = value.abs().to_bits();
    let (biased, fraction) = ((bits >> 52) as i32, bits & ((1 << 52) - 1));
    if biased == 0 {
        // Zero, or a number far below what the format has.
        return Some([0; 8]);
    }
    // The number is 0.1xxx (binary) times 2^power, and is to be 0.hhh (hexadecimal) times 16^digits.
    let power = biased - 1022;
    let digits = power.div_euclid(4) + i32::from(power.rem_euclid(4) != 0);
    let shift = 4 * digits - power;
    let hexadecimal = (fraction | 1 << 52) << (56 - BITS) >> shift;
    match digits + 64 {
        ..0 => Some([0; 8]),
        128.. => None,
        exponent => {
            let sign = u64::from(value.is_sign_negative()) << 63;
            Some((sign | (exponent as u64) << 56 | hexadecimal).to_be_bytes())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The number by the definition of the format. The arithmetic is exact: the other factor is a power of two.
    fn decoded(bytes: [u8; 8]) -> f64 {
        let word = u64::from_be_bytes(bytes);
        let (exponent, fraction) = ((word >> 56 & 0x7f) as i64 - 64, word & ((1 << 56) - 1));
        let power = 4 * exponent - 56;
        let size = fraction as f64 * f64::from_bits(((power + 1023) as u64) << 52);
        if word >> 63 == 1 { -size } else { size }
    }

    #[test]
    fn known_numbers_have_their_bytes() {
        // 1, -118.625 and 0.1 of the literature (0.1 is the double nearest to it, shifted).
        assert_eq!(encoded(1.0), Some([0x41, 0x10, 0, 0, 0, 0, 0, 0]));
        assert_eq!(encoded(-118.625), Some([0xc2, 0x76, 0xa0, 0, 0, 0, 0, 0]));
        assert_eq!(encoded(0.1), Some([0x40, 0x19, 0x99, 0x99, 0x99, 0x99, 0x99, 0x9a]));
        assert_eq!(encoded(0.0), Some([0; 8]));
        assert_eq!(encoded(-0.0), Some([0; 8]));
        assert_eq!(encoded(f64::INFINITY), Some(*b"I\0\0\0\0\0\0\0"));
        assert_eq!(encoded(f64::NEG_INFINITY), Some(*b"M\0\0\0\0\0\0\0"));
    }

    #[test]
    fn every_bit_of_a_number_in_range_is_kept() {
        let mut word: u64 = 0x9e37_79b9_7f4a_7c15;
        for _ in 0..200_000 {
            word = word
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            let value = f64::from_bits(word);
            match value.abs() {
                size if size.is_nan() || size.is_infinite() => {}
                size if size >= 7.237_005_577_332_262e75 => assert_eq!(encoded(value), None),
                size if size < 5.397_605_346_934_028e-79 => {
                    assert_eq!(encoded(value), Some([0; 8]));
                }
                _ => {
                    let back = decoded(encoded(value).unwrap());
                    assert_eq!(back.to_bits(), value.to_bits(), "{value:e}");
                }
            }
        }
    }
}
