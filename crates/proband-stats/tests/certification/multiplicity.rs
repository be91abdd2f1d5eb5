//! Adjusted p-values, Dunnett and graphical procedures.

use crate::area::Area;
use crate::cases::Case;

pub(crate) const AREA: Area = Area {
    name: "multiplicity",
    agrees_to: 0.0,
    certify: none,
    not_reproduced: &[("*", "not built yet")],
};

fn none(_: &Case) {}

#[test]
fn multiplicity_certified() {
    AREA.certify();
}
