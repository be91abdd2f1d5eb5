//! The order of doubles: places by it, and whole numbers in it.

/// Places by rising value, ties in the order given.
///
/// Keys are sorted beside their places: a look-up in `values` for every comparison costs more than that.
pub(crate) fn ascending(values: &[f64]) -> Vec<usize> {
    let keys = values.iter().map(|&value| order_key(value));
    let mut order: Vec<(u64, usize)> = keys.zip(0..).collect();
    order.sort_unstable();
    order.into_iter().map(|(_, place)| place).collect()
}

/// Places by group and within each by rising value, ties in the order given.
pub(crate) fn ascending_within(groups: &[usize], values: &[f64]) -> Vec<usize> {
    let keys = groups.iter().zip(values).map(|(&group, &value)| (group, order_key(value)));
    let mut order: Vec<((usize, u64), usize)> = keys.zip(0..).collect();
    order.sort_unstable();
    order.into_iter().map(|(_, place)| place).collect()
}

/// Equal for equal values, 0 and -0 included.
pub(crate) fn tie_key(value: f64) -> u64 {
    (value + 0.0).to_bits()
}

/// A number in the order of `f64::total_cmp`.
pub(crate) fn order_key(value: f64) -> u64 {
    let bits = value.to_bits();
    if bits >> 63 == 1 { !bits } else { bits | 1 << 63 }
}

/// The value of an order key.
pub(crate) fn from_order_key(key: u64) -> f64 {
    f64::from_bits(if key >> 63 == 1 { key & !(1 << 63) } else { !key })
}
