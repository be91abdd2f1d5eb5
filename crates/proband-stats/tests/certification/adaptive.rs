//! Combination tests, conditional power, multi-arm multi-stage and response-adaptive designs.

use crate::area::Area;
use crate::cases::Case;

pub(crate) const COMBINATION: Area = Area {
    name: "adaptive_combination",
    agrees_to: 0.0,
    certify: none,
    not_reproduced: &[("*", "not built yet")],
};

pub(crate) const CONDITIONAL_POWER: Area = Area {
    name: "conditional_power",
    agrees_to: 0.0,
    certify: none,
    not_reproduced: &[("*", "not built yet")],
};

pub(crate) const MAMS: Area = Area {
    name: "mams",
    agrees_to: 0.0,
    certify: none,
    not_reproduced: &[("*", "not built yet")],
};

pub(crate) const RESPONSE: Area = Area {
    name: "response_adaptive",
    agrees_to: 0.0,
    certify: none,
    not_reproduced: &[("*", "not built yet")],
};

fn none(_: &Case) {}

#[test]
fn adaptive_combination_certified() {
    COMBINATION.certify();
}

#[test]
fn conditional_power_certified() {
    CONDITIONAL_POWER.certify();
}

#[test]
fn mams_certified() {
    MAMS.certify();
}

#[test]
fn response_adaptive_certified() {
    RESPONSE.certify();
}
