//! Units against an independent exact computation (`data/conversions.py`), and what they promise.

use proband_lang::{Declared, Unit};

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

/// Units whose products cover every kind of name: numbers, counted units, prefixes, physics.
const VARIED: [&str; 12] = [
    "mg",
    "kg",
    "L/h",
    "mL/min/1.73m^2",
    "10^9/L",
    "%",
    "mmHg",
    "U/L",
    "1/365day",
    "mmol/L",
    "m^2",
    "bpm",
];

#[test]
fn what_is_printed_can_be_read_back() {
    for a in VARIED.map(unit) {
        for b in VARIED.map(unit) {
            for product in
                [a.times(&b), a.per(&b), a.power(3, 4).times(&b), b.per(&a.power(-2, 1))]
            {
                let text = product.to_string();
                // A power of a counted unit, such as (1.73m^2)^2, has no notation.
                if text != "no unit" && !text.contains(")^") {
                    assert_eq!(unit(&text), product, "{text}");
                }
            }
        }
    }
}

/// Reads C's hexadecimal doubles as Python writes them: `0x1.f4p+9`.
fn hexadecimal(text: &str) -> f64 {
    let (mantissa, exponent) = text.trim_start_matches("0x1").split_once('p').expect("a power");
    let digits = format!("{:0<13}", mantissa.trim_start_matches('.'));
    let exponent: i64 = exponent.parse().expect("an exponent");
    let bits = u64::from_str_radix(&digits, 16).expect("thirteen digits");
    f64::from_bits(u64::try_from(exponent + 1023).expect("a normal double") << 52 | bits)
}

/// Roots beyond 1000 are estimated in doubles: the error of `exp(p ln x)` for |p ln x| below 4.
const ESTIMATE: f64 = 2e-15;

#[test]
fn factors_are_exact_and_rounded_once() {
    let table = include_str!("data/conversions.csv");
    let mut checked = 0;
    for line in table.lines().skip(1) {
        let fields: Vec<&str> = line.split(',').collect();
        let [from, to, numerator, denominator, factor] = fields[..] else {
            panic!("five fields: {line}")
        };
        let [n, d] = [numerator, denominator].map(|n| n.parse::<i64>().expect("a number"));
        let found =
            unit(from).power(n, d).factor_to(&unit(to).power(n, d)).expect("one dimension");
        let wanted = hexadecimal(factor);
        if d <= 1000 {
            assert_eq!(found.to_bits(), wanted.to_bits(), "{line}: {found} is not {wanted}");
        } else {
            assert!((found / wanted - 1.0).abs() < ESTIMATE, "{line}: {found} is not {wanted}");
        }
        checked += 1;
    }
    assert!(checked > 2000, "{checked} lines");
}

#[test]
fn a_chain_of_conversions_is_rounded_once() {
    // The factors there and back cancel: nothing is left to round.
    let there = unit("mg/L").times(&unit("mL/min")).per(&unit("mg/L")).per(&unit("mL/min"));
    assert_eq!(there.factor_to(&Unit::one()), Some(1.0));
    // 0.1 * 0.1 would be 0.010000000000000002 in doubles.
    let tenths = unit("dL").times(&unit("dL"));
    assert_eq!(tenths.factor_to(&unit("L").power(2, 1)), Some(0.01));
    let third = unit("h").power(1, 3).times(&unit("h").power(2, 3));
    assert_eq!(third, unit("h"));
}

#[test]
fn equal_units_have_a_factor_of_exactly_one() {
    for (a, b) in [("ug/mL", "mg/L"), ("bpm", "1/min"), ("U", "IU"), ("M", "mol/L")] {
        assert_eq!(unit(a), unit(b));
        assert_eq!(unit(a).factor_to(&unit(b)), Some(1.0));
    }
    assert_ne!(unit("mg"), unit("ug"));
    assert_ne!(unit("%"), Unit::one());
    assert_eq!(unit("mg").factor_to(&unit("mmol")), None);
    assert_eq!(unit("U").factor_to(&unit("mg")), None);
}

#[test]
fn percent_is_a_plain_number_with_a_flag() {
    assert!(unit("%").is_percent() && unit("%").is_dimensionless());
    assert!(unit("%/day").times(&unit("day")).is_percent());
    assert!(!unit("%/day").is_percent() && !Unit::one().is_percent());
    assert!(!unit("%").per(&unit("%")).is_percent());
    assert_eq!(Unit::percent().factor_to(&Unit::one()), Some(0.01));
}

#[test]
fn symbolic_powers_cancel_and_convert() {
    let power = |text: &str| unit(text).powered_by("hill");
    let ratio = power("ng/mL").per(&power("mg/L"));
    assert!(ratio.is_dimensionless());
    assert_eq!(ratio.factor_to(&Unit::one()), None);
    let conversion = ratio.conversion_to(&Unit::one()).expect("no unit");
    assert_eq!((conversion.factor, conversion.powers.len()), (1.0, 1));
    assert_eq!(conversion.powers[0].ratio.to_bits(), 1e-3_f64.to_bits());
    assert_eq!(conversion.powers[0].symbols, ["hill"]);

    assert_eq!(power("mg/L").per(&power("mg/L")), Unit::one());
    assert!(!power("mg/L").is_dimensionless());
    assert!(!power("mg").same_dimension(&unit("mg").powered_by("gamma")));
    assert_eq!(power("mg/L").to_string(), "mg^hill/L^hill");

    // Weibull: t^(shape - 1) / scale^shape is a rate.
    let t = unit("h").powered_by("shape").per(&unit("h"));
    let scale = unit("day").powered_by("shape");
    let conversion = t.per(&scale).conversion_to(&unit("1/day")).expect("a rate");
    assert_eq!(conversion.factor.to_bits(), 24.0_f64.to_bits());
    assert_eq!(
        (conversion.powers[0].ratio, conversion.powers[0].symbols.len()),
        (1.0 / 24.0, 1)
    );

    // A power of a power multiplies the parameters.
    let twice = unit("mg").powered_by("b").powered_by("a");
    assert_eq!(twice, unit("mg").powered_by("a").powered_by("b"));
    let grams = unit("g").powered_by("a").powered_by("b");
    let conversion = grams.conversion_to(&twice).expect("one dimension");
    assert_eq!(
        (conversion.powers[0].ratio, conversion.powers[0].symbols.join("*")),
        (1e3, "a*b".to_owned())
    );
}

#[test]
fn decimal_exponents_are_fractions() {
    let mass = unit("kg");
    assert_eq!(mass.decimal_power(0.75), Some(mass.power(3, 4)));
    assert_eq!(mass.decimal_power(-1.98), Some(mass.power(-99, 50)));
    assert_eq!(mass.decimal_power(2.0), Some(mass.power(2, 1)));
    assert_eq!(mass.decimal_power(1e9), None);
    assert_eq!(mass.decimal_power(f64::NAN), None);
    assert_eq!(mass.power(3, 4).to_string(), "kg^0.75");
    assert_eq!(mass.power(1, 3).to_string(), "kg^(1/3)");
}

#[test]
fn a_file_declares_units() {
    let mut declared = Declared::default();
    declared.add_dimension("CFU");
    assert!(declared.add_unit("drop", "0.05", &unit("mL")));
    assert!(!declared.add_unit("nothing", "0", &unit("mL")));
    let read = |text: &str| Unit::parse(text, &declared).expect("declared");
    assert_eq!(read("drop").factor_to(&unit("uL")), Some(50.0));
    assert_eq!(read("drop/min").to_string(), "drop/min");
    assert!(!read("CFU/mL").same_dimension(&unit("1/mL")));
    assert_eq!(read("CFU/mL").factor_to(&read("CFU/L")), Some(1000.0));
    assert!(Unit::parse("CFU", &Declared::default()).is_err());
    assert!(declared.knows("CFU") && declared.knows("kg") && !declared.knows("cfu"));
}

#[test]
fn what_is_no_unit_is_refused_with_its_place_and_a_proposal() {
    for (text, range, nearest) in [
        ("l/hr", 0..1, Some("L")),
        ("L/hr", 2..4, Some("h")),
        ("L/v1", 2..4, None),
        ("ka", 0..2, Some("kA")),
        ("mcg/mL", 0..3, Some("ug")),
        ("mmhg", 0..4, Some("mmHg")),
        ("mL/min/1.73 m^2", 11..15, None),
        ("mg//L", 3..4, None),
        ("mg/", 3..3, None),
        ("(mg/L", 5..5, None),
        ("mg^x", 3..3, None),
        ("mg^99999", 3..8, None),
        ("0mg", 0..1, None),
        ("kmin", 0..4, Some("min")),
        ("", 0..0, None),
    ] {
        let fault = Unit::parse(text, &Declared::default()).expect_err(text);
        assert_eq!((fault.range.clone(), fault.nearest.as_deref()), (range, nearest), "{text}");
    }
    let celsius = Unit::parse("degC", &Declared::default()).expect_err("no zero");
    assert!(celsius.message().contains("its zero is not no temperature"));
}

#[test]
fn a_difference_has_a_name() {
    let difference = |a: &str, b: &str| unit(a).difference(&unit(b));
    let by = |what: &str| Some(format!("they differ by {what}"));
    assert_eq!(difference("mg/h", "mg"), by("a time"));
    assert_eq!(difference("mg", "mg/h"), by("a time"));
    assert_eq!(difference("mg/L", "mg*h/L"), by("a time"));
    assert_eq!(difference("mg/h", "mg*L/h"), by("a volume"));
    let molar = difference("mmol/L", "mg/dL").expect("a molar mass");
    assert!(molar.ends_with("multiply or divide by one in g/mol"), "{molar}");
    assert_eq!(difference("mg/L", "ug/mL"), None);
    assert_eq!(difference("mg", "K"), None);
    assert!(unit("mL/min/1.73m^2").is_per_area_of(&unit("L/h")));
    assert!(!unit("L/h").is_per_area_of(&unit("mL/min/1.73m^2")));
    assert_eq!(unit("week").dimension_name(), Some("a time"));
    assert_eq!(unit("mmHg").dimension_name(), Some("a pressure"));
    assert_eq!(unit("%").dimension_name(), Some("a plain number"));
}

#[test]
fn nothing_panics_or_hangs() {
    for text in [
        "10^99999999999",
        "1e999",
        "m^-",
        "((((((((((((((((((((((((m",
        "9999999999999999999999m",
    ] {
        assert!(Unit::parse(text, &Declared::default()).is_err(), "{text}");
    }
    let huge = unit("km").power(i64::MAX, 7).power(i64::MAX, 3);
    let _ = huge.factor_to(&unit("m").power(i64::MAX, 7).power(i64::MAX, 3));
    let _ = (unit("mg").power(1, 0).to_string(), unit("mg").power(-1, -3).to_string());
    let many = (0..10_000).fold(unit("mg"), |unit, _| unit.times(&unit));
    assert!(!many.to_string().is_empty());
}
