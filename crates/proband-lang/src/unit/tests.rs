//! Tests of units.

use super::*;

fn unit(text: &str) -> Unit {
    Unit::parse(text, &Declared::default()).unwrap_or_else(|e| panic!("{text}: {e:?}"))
}

#[test]
fn the_units_of_the_reference_are_known() {
    for text in [
        "s",
        "min",
        "h",
        "day",
        "week",
        "month",
        "year",
        "kg",
        "mg",
        "ug",
        "ng",
        "L",
        "mL",
        "dL",
        "umol",
        "mmol",
        "U",
        "mU",
        "IU",
        "mIU",
        "M",
        "nM",
        "kDa",
        "A",
        "K",
        "Hz",
        "Pa",
        "kPa",
        "N",
        "J",
        "kcal",
        "W",
        "mV",
        "C",
        "S",
        "uF",
        "Ohm",
        "bpm",
        "mmHg",
        "%",
        "cells",
        "copies",
        "fL",
        "10^9/L",
        "mL/min/1.73m^2",
        "1/365day",
        "%/365day",
        "mL/uU/min",
        "1/min/(mU/L)",
        "1/h",
        "%/day/(mmol/L)",
        "uU/mL*mmol/L",
        "mmHg*min/mL",
        "kg/m^2",
        "1/mmHg^2",
        "1",
        "1e-3mol",
        "m^0.5",
        "s^-1",
    ] {
        assert_eq!(unit(text).to_string(), if text == "1" { "no unit" } else { text });
    }
}

#[test]
fn products_are_printed_mass_before_volume_before_time() {
    let clearance = unit("L/h");
    assert_eq!(clearance.times(&unit("mg")).to_string(), "mg*L/h");
    assert_eq!(unit("mg").per(&clearance).to_string(), "mg*h/L");
    assert_eq!(clearance.per(&unit("kg")).to_string(), "L/kg/h");
    assert_eq!(Unit::one().per(&unit("g/mol")).to_string(), "mol/g");
    assert_eq!(clearance.per(&unit("L")).times(&unit("mg")).to_string(), "mg/h");
    assert_eq!(Unit::one().per(&unit("min")).to_string(), "1/min");
    assert_eq!(unit("mg").per(&unit("mg")).to_string(), "no unit");
    assert_eq!(unit("mL/min/1.73m^2").times(&unit("h")).to_string(), "mL*h/1.73m^2/min");
    let scaled = clearance.times(&unit("kg").power(3, 4)).per(&unit("L")).times(&unit("mg"));
    assert_eq!(scaled.to_string(), "kg^0.75*mg/h");
    assert_eq!(format!("{scaled:#}"), "mg^1.75/h");
    assert_eq!(format!("{:#}", unit("mL").per(&unit("L"))), "no unit");
    assert_eq!(format!("{:#}", unit("mg/dL")), "mg/dL");
}
