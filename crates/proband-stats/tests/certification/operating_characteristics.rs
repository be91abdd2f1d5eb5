//! Power, sample size and operating characteristics by formula.

use crate::area::Area;
use crate::cases::Case;

pub(crate) const AREA: Area = Area {
    name: "operating_characteristics",
    agrees_to: 0.0,
    certify: none,
    not_reproduced: &[("*", "not built yet")],
};

pub(crate) const SAMPLE_SIZE: Area = Area {
    name: "sample_size",
    agrees_to: 0.0,
    certify: none,
    not_reproduced: &[("*", "not built yet")],
};

fn none(_: &Case) {}

#[test]
fn operating_characteristics_certified() {
    AREA.certify();
}

#[test]
fn sample_size_certified() {
    SAMPLE_SIZE.certify();
}
