//! Random intercepts and slopes.

use crate::area::Area;
use crate::cases::Case;

pub(crate) const AREA: Area = Area {
    name: "mixed_model",
    agrees_to: 0.0,
    certify: none,
    not_reproduced: &[("*", "not built yet")],
};

fn none(_: &Case) {}

#[test]
fn mixed_model_certified() {
    AREA.certify();
}
