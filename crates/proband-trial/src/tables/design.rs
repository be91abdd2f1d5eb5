//! `[design]`: how many participants, and how they come into arms.

use super::arms::Told as Arm;
use crate::expression::{Context, Names, Quantities, Target, check};
use crate::keys;
use crate::reading::Reading;
use crate::toml::{Node, Table, Text};
use crate::values;
use crate::{Allocation, Assignment, Design, Stratum};
use proband_diag::{Diagnostic, code};
use proband_lang::Kind;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Type {
    Parallel,
    SingleGroup,
    Crossover,
    Factorial,
}

const TYPES: [(&str, Type); 4] = [
    ("parallel", Type::Parallel),
    ("crossover", Type::Crossover),
    ("factorial", Type::Factorial),
    ("single group", Type::SingleGroup),
];

const ASSIGNMENTS: [(&str, Assignment); 2] =
    [("randomised", Assignment::Randomised), ("every-arm", Assignment::EveryArm)];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Method {
    Simple,
    Blocks,
    Minimisation,
}

const METHODS: [(&str, Method); 3] = [
    ("simple", Method::Simple),
    ("blocks", Method::Blocks),
    ("minimisation", Method::Minimisation),
];

/// The number of a twin is a 32-bit whole number in the tables.
pub(crate) const MOST_TWINS: u64 = i32::MAX as u64;

/// A count of twins.
pub(crate) fn twins(node: &Node, reading: &mut Reading) -> Option<u64> {
    let count = values::count(node, reading)?;
    if count <= MOST_TWINS {
        return Some(count);
    }
    let message = format!("a run has at most {MOST_TWINS} twins, and this is {count}");
    reading.fault(Diagnostic::error(code::OUT_OF_RANGE, message, node.span));
    None
}

/// Reads `[design]`.
pub(crate) fn read(
    file: &Node,
    arms: &[Arm<'_>],
    ratio: &[u32],
    names: &Names,
    quantities: &mut Quantities,
    reading: &mut Reading,
) -> Option<Design> {
    let Some(entry) = file.get("design") else {
        let message = "the file needs `[design]` with `participants`";
        reading.fault(
            Diagnostic::error(code::MISSING_KEY, message, file.span)
                .help("write `[design]` and `participants = 200`"),
        );
        return None;
    };
    let table = Table::open(&entry.node, "design", keys::DESIGN, reading)?;
    let why = "planned enrolment, over all arms";
    let participants = table.required("participants", why, reading, twins);
    check_type(&table, arms, reading);
    let assignment =
        table.or("assignment", (Assignment::Randomised, "randomised"), reading, |n, r| {
            values::word(&ASSIGNMENTS, n, r)
        });
    let method = table
        .or("method", (Method::Blocks, "blocks"), reading, |n, r| values::word(&METHODS, n, r));
    let allocation = allocation(&table, method, ratio, reading);
    let strata = strata(&table, names, quantities, reading);
    if method == Method::Simple && !strata.is_empty() {
        // Simple allocation ignores strata; they would still be columns, but promise a balance.
        table.unused(
            "strata",
            "`strata` is used by blocks and minimisation; the method here is simple",
            reading,
        );
    }
    Some(Design { participants: participants?, assignment, method: allocation, strata })
}

fn check_type(table: &Table<'_>, arms: &[Arm<'_>], reading: &mut Reading) {
    let kind = table.read("type", reading, |node, reading| values::word(&TYPES, node, reading));
    let Some(entry) = table.get("type") else {
        let shown = if arms.len() == 1 { "single group" } else { "parallel" };
        reading.defaulted("design.type", shown);
        if table.has("sequences") {
            table.unused("sequences", "`sequences` is used by `type = \"crossover\"`", reading);
        }
        return;
    };
    match kind {
        Some(Type::Crossover) => reading.later(entry.node.span, "crossover designs"),
        Some(Type::Factorial) => reading.later(entry.node.span, "factorial designs"),
        Some(Type::SingleGroup) if arms.len() > 1 => {
            let message = format!("a single group has one arm, and there are {}", arms.len());
            reading.fault(Diagnostic::error(code::WRONG_DESIGN, message, entry.node.span));
        }
        Some(Type::Parallel) if arms.len() == 1 => {
            let message = "a parallel design has two arms or more, and there is one";
            reading.fault(
                Diagnostic::error(code::WRONG_DESIGN, message, entry.node.span)
                    .help("write `type = \"single group\"`"),
            );
        }
        _ => {}
    }
    if kind != Some(Type::Crossover) {
        table.unused("sequences", "`sequences` is used by `type = \"crossover\"`", reading);
    }
}

const BALANCE: [(&str, bool); 2] = [("range", true), ("variance", false)];

fn allocation(
    table: &Table<'_>,
    method: Method,
    ratio: &[u32],
    reading: &mut Reading,
) -> Allocation {
    table.read("probability", reading, values::share);
    table.read("imbalance", reading, |node, reading| values::word(&BALANCE, node, reading));
    let word =
        |method| METHODS.iter().find(|(_, m)| *m == method).map_or("", |(word, _)| *word);
    if method == Method::Minimisation {
        table.later("method", "minimisation", reading);
    } else {
        for key in ["probability", "imbalance"] {
            let message =
                format!("`{key}` is used by minimisation; the method here is {}", word(method));
            table.unused(key, &message, reading);
        }
    }
    if method == Method::Blocks {
        // The blocks of a crossover hold sequences, which are not counted yet.
        let crossover = table.get("type").and_then(|entry| entry.node.as_text());
        let ratio =
            if crossover.is_some_and(|t| t.text == "crossover") { &[1][..] } else { ratio };
        return Allocation::Blocks(blocks(table, ratio, reading));
    }
    let message = format!("`blocks` is used by blocks; the method here is {}", word(method));
    table.unused("blocks", &message, reading);
    Allocation::Simple
}

fn blocks(table: &Table<'_>, ratio: &[u32], reading: &mut Reading) -> Vec<u32> {
    let sum: u32 = ratio.iter().sum::<u32>().max(1);
    let Some(entry) = table.get("blocks") else {
        reading.defaulted("design.blocks", format!("[{}]", 2 * sum));
        return vec![2 * sum];
    };
    let sizes =
        values::list(&entry.node, reading, |node, reading| block(node, ratio, sum, reading));
    if sizes.as_ref().is_some_and(Vec::is_empty) {
        let message = "a list of block sizes needs at least one";
        let help = format!("`blocks = [{}]`, or no such key", 2 * sum);
        let fault = Diagnostic::error(code::OUT_OF_RANGE, message, entry.node.span);
        reading.fault(fault.help(help));
    }
    sizes.filter(|sizes| !sizes.is_empty()).unwrap_or_else(|| vec![2 * sum])
}

/// Blocks larger than this hold nothing together.
const LARGEST_BLOCK: u64 = 10_000;

fn block(node: &Node, ratio: &[u32], sum: u32, reading: &mut Reading) -> Option<u32> {
    let size = values::count(node, reading)?;
    let fault = if size % u64::from(sum) != 0 {
        let words: Vec<String> = ratio.iter().map(u32::to_string).collect();
        let message = format!("a block of {size} cannot hold the ratio {}", words.join(":"));
        Diagnostic::error(code::OUT_OF_RANGE, message, node.span)
            .help(format!("use multiples of {sum}"))
    } else if size > LARGEST_BLOCK {
        let message = format!("a block of {size} is larger than {LARGEST_BLOCK}");
        Diagnostic::error(code::OUT_OF_RANGE, message, node.span)
    } else {
        return u32::try_from(size).ok();
    };
    reading.fault(fault);
    None
}

fn strata(
    table: &Table<'_>,
    names: &Names,
    quantities: &mut Quantities,
    reading: &mut Reading,
) -> Vec<Stratum> {
    let texts = table.read("strata", reading, values::strings).unwrap_or_default();
    texts.iter().filter_map(|text| stratum(text, names, quantities, reading)).collect()
}

fn stratum(
    text: &Text,
    names: &Names,
    quantities: &mut Quantities,
    reading: &mut Reading,
) -> Option<Stratum> {
    let value = check(text, Context::Screening, &Target::Any, names, quantities, reading)?;
    let levels = match &value.kind {
        Kind::Condition => vec!["N".to_owned(), "Y".to_owned()],
        Kind::Level(levels) => levels.to_vec(),
        Kind::Number => {
            let span = text.span(0..text.text.len());
            let message = format!(
                "a stratum needs a condition or levels, and `{}` is a number",
                text.text
            );
            let fault = Diagnostic::error(code::KIND_MISMATCH, message, span);
            reading.fault(fault.help(cut(text, &value.unit)));
            return None;
        }
    };
    Some(Stratum { text: text.text.clone(), value, levels })
}

/// How a number becomes a stratum.
fn cut(text: &Text, unit: &proband_lang::Unit) -> String {
    let example = match unit.to_string().as_str() {
        "%" => "8.5 %".to_owned(),
        "year" => "65 year".to_owned(),
        _ if *unit == proband_lang::Unit::one() => "1".to_owned(),
        unit => format!("1 {unit}"),
    };
    format!("cut it, such as `{} >= {example}`", text.text)
}
