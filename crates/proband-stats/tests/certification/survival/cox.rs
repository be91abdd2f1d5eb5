use crate::area::Area;
use crate::cases::Case;

pub(crate) const AREA: Area = Area {
    name: "cox",
    agrees_to: 0.0,
    certify: none,
    not_reproduced: &[("*", "not built yet")],
};

fn none(_: &Case) {}

#[test]
fn cox_certified() {
    AREA.certify();
}
