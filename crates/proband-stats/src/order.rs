//! The order of doubles: places by it, and whole numbers in it.

/// Places by rising value, ties in the order given.
pub(crate) fn ascending(values: &[f64]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|&a, &b| values[a].total_cmp(&values[b]));
    order
}

/// Places by group and within each by rising value, ties in the order given.
pub(crate) fn ascending_within(groups: &[usize], values: &[f64]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|&a, &b| groups[a].cmp(&groups[b]).then(values[a].total_cmp(&values[b])));
    order
}

/// Equal for equal values, 0 and -0 included.
pub(crate) fn tie_key(value: f64) -> u64 {
    (value + 0.0).to_bits()
}

/// A number that grows with `value`; not for NaN.
pub(crate) fn order_key(value: f64) -> u64 {
    let bits = value.to_bits();
    if bits >> 63 == 1 { !bits } else { bits | 1 << 63 }
}

/// The value of an order key.
pub(crate) fn from_order_key(key: u64) -> f64 {
    f64::from_bits(if key >> 63 == 1 { key & !(1 << 63) } else { !key })
}
