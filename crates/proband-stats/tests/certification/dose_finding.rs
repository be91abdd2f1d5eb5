//! BOIN, CRM and their kin.

use crate::area::Area;
use crate::cases::Case;

pub(crate) const AREA: Area = Area {
    name: "dose_finding",
    agrees_to: 0.0,
    certify: none,
    not_reproduced: &[("*", "not built yet")],
};

fn none(_: &Case) {}

#[test]
fn dose_finding_certified() {
    AREA.certify();
}
