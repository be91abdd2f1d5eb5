//! Adjustment for a prognostic score.

use crate::area::Area;
use crate::cases::Case;

pub(crate) const AREA: Area = Area {
    name: "prognostic_adjustment",
    agrees_to: 0.0,
    certify: none,
    not_reproduced: &[("*", "not built yet")],
};

fn none(_: &Case) {}

#[test]
fn prognostic_adjustment_certified() {
    AREA.certify();
}
