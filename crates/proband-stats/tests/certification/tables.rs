//! The published tables of the CDISC pilot.

use crate::area::Area;
use crate::cases::Case;

pub(crate) const AREA: Area = Area {
    name: "tables",
    agrees_to: 0.0,
    certify: none,
    not_reproduced: &[("*", "not built yet")],
};

fn none(_: &Case) {}

#[test]
fn tables_certified() {
    AREA.certify();
}
