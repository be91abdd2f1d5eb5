//! Group sequential boundaries and spending functions.

use crate::area::Area;
use crate::cases::Case;

pub(crate) const AREA: Area = Area {
    name: "group_sequential",
    agrees_to: 0.0,
    certify: none,
    not_reproduced: &[("*", "not built yet")],
};

pub(crate) const SPENDING: Area = Area {
    name: "spending",
    agrees_to: 0.0,
    certify: none,
    not_reproduced: &[("*", "not built yet")],
};

fn none(_: &Case) {}

#[test]
fn group_sequential_certified() {
    AREA.certify();
}

#[test]
fn spending_certified() {
    SPENDING.certify();
}
