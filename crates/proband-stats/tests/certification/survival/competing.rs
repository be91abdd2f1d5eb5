use crate::area::Area;
use crate::cases::Case;

pub(crate) const AREA: Area = Area {
    name: "competing_risks",
    agrees_to: 0.0,
    certify: none,
    not_reproduced: &[("*", "not built yet")],
};

fn none(_: &Case) {}

#[test]
fn competing_certified() {
    AREA.certify();
}
