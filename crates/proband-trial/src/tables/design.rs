//! `[design]`: how many participants, and how they come into arms.

use super::arms::Told as Arm;
use super::{crossover, factorial};
use crate::expression::{Context, Names, Quantities, Target, check};
use crate::keys;
use crate::reading::Reading;
use crate::toml::{Node, Table, Text};
use crate::values;
use crate::words;
use crate::{Allocation, Assignment, Design, Imbalance, Stratum};
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
    let kind = kind(&table, arms, reading);
    let assignment =
        table.or("assignment", (Assignment::Randomised, "randomised"), reading, |n, r| {
            values::word(&ASSIGNMENTS, n, r)
        });
    let method = table
        .or("method", (Method::Blocks, "blocks"), reading, |n, r| values::word(&METHODS, n, r));
    let length = crossover::length(&names.timeline.epochs);
    let crossover = match kind {
        Type::Crossover => crossover::read(&table, arms, names, length, reading),
        _ => None,
    };
    let of_sequences = crossover.as_ref().map(|crossover| vec![1; crossover.sequences.len()]);
    let ratio = of_sequences.as_deref().unwrap_or(ratio);
    if kind == Type::Crossover {
        as_a_crossover(&table, arms, assignment, reading);
    }
    let contrasts = match kind {
        Type::Factorial => factorial::contrasts(arms, names, table.span(), reading),
        _ => Vec::new(),
    };
    let allocation = allocation(&table, method, ratio, kind, reading);
    let strata = strata(&table, names, quantities, reading);
    if method == Method::Simple && !strata.is_empty() {
        // Simple allocation ignores strata; they would still be columns, but promise a balance.
        table.unused(
            "strata",
            "`strata` is used by blocks and minimisation; the method here is simple",
            reading,
        );
    }
    let participants = participants?;
    Some(Design { participants, assignment, method: allocation, strata, crossover, contrasts })
}

/// What a crossover cannot be beside.
fn as_a_crossover(
    table: &Table<'_>,
    arms: &[Arm<'_>],
    assignment: Assignment,
    reading: &mut Reading,
) {
    if assignment == Assignment::EveryArm {
        let message = "in a crossover everybody goes through several arms already";
        let span = table.place("assignment");
        let fault = Diagnostic::error(code::WRONG_DESIGN, message, span);
        reading.fault(fault.help("`type` or `assignment`: keep one"));
    }
    for arm in arms.iter().filter(|arm| arm.has_ratio) {
        let message = "a crossover allocates sequences, each as likely as the next";
        let fault = Diagnostic::error(code::UNUSED_KEY, message, arm.ratio_span);
        reading.fault(fault.help(format!("leave `ratio` out of `arm.{}`", arm.id)));
    }
}

/// The type of the design; by default that of its number of arms.
fn kind(table: &Table<'_>, arms: &[Arm<'_>], reading: &mut Reading) -> Type {
    let kind = table.read("type", reading, |node, reading| values::word(&TYPES, node, reading));
    if kind != Some(Type::Crossover) {
        table.unused("sequences", "`sequences` is used by `type = \"crossover\"`", reading);
    }
    let by_arms = if arms.len() == 1 { Type::SingleGroup } else { Type::Parallel };
    let Some(entry) = table.get("type") else {
        let shown =
            TYPES.iter().find(|(_, kind)| *kind == by_arms).map_or("", |(word, _)| word);
        reading.defaulted("design.type", shown);
        return by_arms;
    };
    match kind {
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
        Some(Type::Crossover) if arms.len() == 1 => {
            let message = "a crossover has two arms or more, and there is one";
            reading.fault(Diagnostic::error(code::WRONG_DESIGN, message, entry.node.span));
        }
        _ => {}
    }
    kind.unwrap_or(by_arms)
}

const IMBALANCES: [(&str, Imbalance); 2] =
    [("range", Imbalance::Range), ("variance", Imbalance::Variance)];

fn allocation(
    table: &Table<'_>,
    method: Method,
    ratio: &[u32],
    kind: Type,
    reading: &mut Reading,
) -> Allocation {
    let word =
        |method| METHODS.iter().find(|(_, m)| *m == method).map_or("", |(word, _)| *word);
    let unused = |key: &str, by: &str, reading: &mut Reading| {
        let message = format!("`{key}` is used by {by}; the method here is {}", word(method));
        table.unused(key, &message, reading);
    };
    if method == Method::Minimisation {
        unused("blocks", "blocks", reading);
        return minimisation(table, ratio, reading);
    }
    for key in ["probability", "imbalance"] {
        unused(key, "minimisation", reading);
    }
    if method == Method::Blocks {
        if kind == Type::Crossover {
            return Allocation::Blocks(blocks_of_sequences(table, ratio, reading));
        }
        return Allocation::Blocks(blocks(table, ratio, reading));
    }
    unused("blocks", "blocks", reading);
    Allocation::Simple
}

fn minimisation(table: &Table<'_>, ratio: &[u32], reading: &mut Reading) -> Allocation {
    if !table.has("strata") {
        let message = "minimisation keeps factors even, and `design.strata` names none";
        let fault = Diagnostic::error(code::MISSING_KEY, message, table.span());
        reading.fault(fault.help("name them, such as `strata = [\"sex\"]`"));
    }
    let probability = table.or("probability", (0.8, "0.8"), reading, values::share);
    let smallest = ratio.iter().min().copied().unwrap_or(1);
    let fair = f64::from(smallest) / f64::from(ratio.iter().sum::<u32>().max(1));
    if let Some(entry) = table.get("probability").filter(|_| probability < fair) {
        let message = "with this probability the arm that keeps factors even is avoided";
        let help = format!("by chance alone it would be taken with {}", words::number(fair));
        let fault = Diagnostic::error(code::OUT_OF_RANGE, message, entry.node.span);
        reading.fault(fault.help(help));
    }
    let imbalance = table.or("imbalance", (Imbalance::Range, "range"), reading, |n, r| {
        values::word(&IMBALANCES, n, r)
    });
    Allocation::Minimisation { probability, imbalance }
}

/// The blocks of a crossover grow until each holds every sequence equally often, so that a scenario with
/// more sequences need not name its blocks anew.
fn blocks_of_sequences(table: &Table<'_>, ratio: &[u32], reading: &mut Reading) -> Vec<u32> {
    let sequences: u32 = ratio.iter().sum::<u32>().max(1);
    let told = blocks(table, if table.has("blocks") { &[1] } else { ratio }, reading);
    let sizes: Vec<u32> = told.iter().map(|size| size.next_multiple_of(sequences)).collect();
    if sizes != told {
        reading.defaulted("design.blocks", format!("{sizes:?}"));
    }
    sizes
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
            let span = text.place();
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
