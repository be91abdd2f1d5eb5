//! Expressions on their own, as a trial has them: names that someone else knows, time points, quantities.

use proband_diag::{Diagnostic, Faults, Fragment, Sources, Style};
use proband_lang::{
    Argument, Checked, Checker, Declared, Expr, Kind, Meaning, Scope, SymbolId, Unit,
};

/// Knows `weight` in kg, `hba1c` in %, `sex`, and a function `baseline(x)` of a name.
struct Trial;

const NAMES: [(&str, &str); 2] = [("weight", "kg"), ("hba1c", "%")];

fn value_of(name: &str) -> Option<Meaning> {
    let levels = || Kind::Level(["F", "M"].map(str::to_owned).into());
    if name == "sex" {
        let expr = Expr::Symbol(SymbolId(9));
        return Some(Meaning::Value { expr, unit: Unit::one(), kind: levels() });
    }
    let at = NAMES.iter().position(|(known, _)| *known == name)?;
    let unit = Unit::parse(NAMES[at].1, &Declared::default()).expect("a unit");
    let expr = Expr::Symbol(SymbolId(u32::try_from(at).expect("few names")));
    Some(Meaning::Value { expr, unit, kind: Kind::Number })
}

impl Scope for Trial {
    fn name(&mut self, name: &str, _: proband_diag::Span) -> Meaning {
        value_of(name).unwrap_or(Meaning::Unknown)
    }

    fn call(
        &mut self,
        function: &str,
        arguments: &[Argument<'_>],
        _: proband_diag::Span,
        checker: &mut dyn Checker,
    ) -> Meaning {
        match (function, arguments) {
            ("baseline", [of]) => {
                let name = checker.as_name(*of).and_then(|name| value_of(&name));
                name.unwrap_or(Meaning::Silent)
            }
            _ => Meaning::Unknown,
        }
    }

    fn candidates(&self) -> Vec<String> {
        let names = NAMES.iter().map(|(name, _)| (*name).to_owned());
        names.chain(["sex".to_owned(), "baseline".to_owned()]).collect()
    }

    fn time(&self) -> Option<Unit> {
        Some(Unit::day())
    }

    fn takes_time_points(&self) -> bool {
        true
    }

    fn is_continuous(&self, _: &Expr) -> bool {
        false
    }
}

fn checked(text: &str) -> Result<Checked, String> {
    let (mut sources, mut faults) = (Sources::default(), Faults::default());
    let source = sources.add("rule", text);
    let value =
        proband_lang::check_expression(Fragment::whole(source, text), &mut Trial, &mut faults);
    let shown = faults.render(&sources, Style::Short);
    assert_eq!(value.is_none(), faults.has_errors(), "{text}: {shown}");
    value.ok_or(shown)
}

/// Reads a text as an expression and as a quantity; what is wrong with the answer, if anything.
pub(crate) fn answered(text: &str) -> Result<(), String> {
    let (mut sources, mut faults) = (Sources::default(), Faults::default());
    let source = sources.add("rule", text);
    let fragment = || Fragment::whole(source, text);
    let value = proband_lang::check_expression(fragment(), &mut Trial, &mut faults);
    let _ = faults.render(&sources, Style::Human { colour: false });
    if value.is_some() == faults.has_errors() {
        return Err(format!("{text:?}: {}", faults.render(&sources, Style::Short)));
    }
    let mut faults = Faults::default();
    let quantity = proband_lang::parse_quantity(fragment(), &mut faults);
    if quantity.is_some() == faults.has_errors() {
        return Err(format!("{text:?}: {}", faults.render(&sources, Style::Short)));
    }
    Ok(())
}

/// Mistakes in expressions of a trial, each with its one message.
pub(crate) const MISTAKES: [(&str, &str, &str); 7] = [
    (
        "weight > day 0",
        "no-day-zero",
        "rule:1:10: error[no-day-zero]: there is no day 0 - the first day is `day 1`, the day before it `day -1`",
    ),
    (
        "wieght > 70 kg",
        "unknown-name",
        "rule:1:1: error[unknown-name]: unknown name `wieght` - did you mean `weight`?",
    ),
    (
        "hba1c > 7",
        "percent-number",
        "rule:1:7: error[percent-number]: a quantity in % meets the bare number 7 - write `7 %` for percent, or `700 %` for the fraction",
    ),
    (
        "weight > 70 mmHg",
        "unit-mismatch",
        "rule:1:8: error[unit-mismatch]: cannot compare: kg and mmHg",
    ),
    ("sex == G", "not-a-member", "rule:1:8: error[not-a-member]: `G` is not one of F, M"),
    (
        "weight * ",
        "syntax",
        "rule:1:9: error[syntax]: something is missing here - expected a number, a name or `(`",
    ),
    (
        "basline(weight) > 3 kg",
        "unknown-name",
        "rule:1:1: error[unknown-name]: unknown name `basline` - did you mean `baseline`?",
    ),
];

#[test]
fn every_mistake_in_an_expression_gives_its_message() {
    let wrong: Vec<String> = MISTAKES
        .iter()
        .filter_map(|(text, _, wanted)| {
            let found = checked(text).err().unwrap_or_else(|| "no fault".to_owned());
            let fits = found.trim_end() == *wanted;
            (!fits).then(|| format!("{text}\n  wanted: {wanted}\n  found:  {found}"))
        })
        .collect();
    assert!(wrong.is_empty(), "{} are wrong:\n\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn expressions_have_unit_and_kind() {
    let unit =
        |text: &str| checked(text).unwrap_or_else(|e| panic!("{text}: {e}")).unit.to_string();
    assert_eq!(unit("weight / (1.7 m)^2"), "kg/m^2");
    assert_eq!(unit("baseline(hba1c) - 1 %"), "%");
    assert_eq!(unit("min(2 mg/kg * weight, 200 mg)"), "mg");
    let kind = |text: &str| checked(text).unwrap_or_else(|e| panic!("{text}: {e}")).kind;
    assert_eq!(kind("18 kg <= weight < 85 kg and sex == F"), Kind::Condition);
    assert_eq!(kind("t >= week 4"), Kind::Condition);
    assert_eq!(kind("weight"), Kind::Number);
}

fn quantity(text: &str) -> Result<(f64, String), Vec<String>> {
    let (mut sources, mut faults) = (Sources::default(), Faults::default());
    let source = sources.add("key", text);
    let value = proband_lang::parse_quantity(Fragment::whole(source, text), &mut faults);
    let messages = |fault: &&Diagnostic| format!("{}: {}", fault.code.name(), fault.message);
    let messages = faults.sorted().iter().map(messages).collect();
    value.map(|(number, unit)| (number, unit.to_string())).ok_or(messages)
}

#[test]
fn quantities_are_a_number_and_a_unit() {
    for (text, number, unit) in [
        ("25 mg", 25.0, "mg"),
        ("60 1/month", 60.0, "1/month"),
        ("5 %", 5.0, "%"),
        ("5%", 5.0, "%"),
        ("0.3", 0.3, "no unit"),
        ("-4.20 mmHg", -4.2, "mmHg"),
        ("1e-3 mL/min/1.73m^2", 1e-3, "mL/min/1.73m^2"),
        ("5 10^9/L", 5.0, "10^9/L"),
    ] {
        assert_eq!(quantity(text), Ok((number, unit.to_owned())), "{text}");
    }
    for text in ["", "mg", "5 mg mg", "5 mgg", "1 / 2", "week 4", "5 * mg", "five mg", "1e999"]
    {
        let messages = quantity(text).expect_err(text);
        assert_eq!(messages.len(), 1, "{text}: {messages:?}");
    }
}
