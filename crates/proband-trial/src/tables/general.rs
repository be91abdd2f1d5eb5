//! `[trial]`, `[simulation]` and `[output]`.

use crate::keys;
use crate::reading::Reading;
use crate::timeline::Timeline;
use crate::toml::{Node, Table};
use crate::values;
use crate::{Method, Output, OutputLevel, Simulation};
use proband_diag::{Diagnostic, code};

/// `[trial]`.
#[derive(Debug, Default)]
pub(crate) struct General {
    pub(crate) id: Option<String>,
    pub(crate) title: Option<String>,
    pub(crate) phase: Option<String>,
    pub(crate) indication: Option<String>,
    pub(crate) registry: Option<String>,
    pub(crate) source: Option<String>,
}

/// Reads `[trial]`.
pub(crate) fn trial(file: &Node, reading: &mut Reading) -> Option<General> {
    let Some(entry) = file.get("trial") else {
        let message = "the file needs `[trial]` with an `id`";
        reading.fault(
            Diagnostic::error(code::MISSING_KEY, message, file.span)
                .help("write `[trial]` and `id = \"MY-TRIAL\"`"),
        );
        return None;
    };
    let table = Table::open(&entry.node, "trial", keys::TRIAL, reading)?;
    let why = "it names the output folder and is STUDYID in every table";
    let id = table.required("id", why, reading, study_id);
    Some(General::with_id(id, &table, reading))
}

impl General {
    /// The rest of `[trial]`, beside an id.
    pub(crate) fn with_id(
        id: Option<String>,
        table: &Table<'_>,
        reading: &mut Reading,
    ) -> Self {
        let mut text = |key| table.read(key, reading, values::text);
        Self {
            id,
            title: text("title"),
            phase: text("phase"),
            indication: text("indication"),
            registry: text("registry"),
            source: text("source"),
        }
    }
}

/// An id that can name a folder.
fn study_id(node: &Node, reading: &mut Reading) -> Option<String> {
    let id = values::text(node, reading)?;
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    if !id.is_empty() && id.chars().all(plain) && !id.starts_with('.') {
        return Some(id);
    }
    let message = format!("`{id}` cannot name a folder");
    reading.fault(
        Diagnostic::error(code::BAD_ID, message, node.span)
            .help("a trial's id is letters, digits, `-`, `_` and `.`"),
    );
    None
}

const METHODS: [(&str, Method); 3] =
    [("tsit5", Method::Tsit5), ("rodas5p", Method::Rodas5p), ("exact", Method::Exact)];

/// Reads `[simulation]`.
pub(crate) fn simulation(file: &Node, reading: &mut Reading) -> Option<Simulation> {
    let table = Table::of_file(file, "simulation", keys::SIMULATION, reading)?;
    let shown = "[\"arms\", \"scenarios\"]";
    let common = table.or("common", ((true, true), shown), reading, shared);
    if !table.has("method") {
        reading.defaulted("simulation.method", "chosen for each model");
    }
    let (twins, shown) = match file.get("estimand") {
        Some(_) => (10_000, "10000"),
        None => (0, "0"),
    };
    Some(Simulation {
        truth_twins: table.or("truth_twins", (twins, shown), reading, values::whole),
        seed: table.or("seed", (1, "1"), reading, values::whole),
        replicates: table.or("replicates", (1, "1"), reading, replicates),
        precision: precision(&table, reading),
        uncertainty: table.read("uncertainty", reading, values::flag).unwrap_or(false),
        method: table.read("method", reading, |n, r| values::word(&METHODS, n, r)),
        tolerance: table.or("tolerance", (1e-6, "1e-6"), reading, tolerance),
        atol: table.or("atol", (1e-9, "1e-9"), reading, absolute),
        common_arms: common.0,
        common_scenarios: common.1,
    })
}

/// Repetitions are numbered in 31 bits, and so many take years.
const MOST_REPLICATES: u64 = 100_000_000;

fn replicates(node: &Node, reading: &mut Reading) -> Option<u32> {
    let count = values::count(node, reading)?;
    if count <= MOST_REPLICATES {
        return u32::try_from(count).ok();
    }
    let message = format!("at most {MOST_REPLICATES} repetitions can be told apart");
    reading.fault(Diagnostic::error(code::OUT_OF_RANGE, message, node.span));
    None
}

/// What a probability over repetitions is wanted with.
fn precision(table: &Table<'_>, reading: &mut Reading) -> f64 {
    let wanted = table.read("precision", reading, values::share);
    match (wanted, table.get("precision")) {
        (Some(0.0), Some(entry)) => {
            let message = "no number of repetitions gives a Monte Carlo error of 0";
            reading.fault(Diagnostic::error(code::OUT_OF_RANGE, message, entry.node.span));
        }
        (None, None) if table.get("replicates").is_some() => {
            reading.defaulted("simulation.precision", "0.5 %");
        }
        _ => {}
    }
    wanted.unwrap_or(0.005)
}

/// A relative error: above a tenth it says nothing, and below the last bits of a number there is none.
fn tolerance(node: &Node, reading: &mut Reading) -> Option<f64> {
    let value = values::positive(node, reading)?;
    if (1e-14..=0.1).contains(&value) {
        return Some(value);
    }
    let message = format!("a relative error is from 1e-14 to 0.1, and this is {value:?}");
    reading.fault(Diagnostic::error(code::OUT_OF_RANGE, message, node.span));
    None
}

/// An absolute error, in the unit of a state: one that is nearly none asks for steps without end where a state
/// passes 0.
fn absolute(node: &Node, reading: &mut Reading) -> Option<f64> {
    const LEAST: f64 = 1e-30;
    let value = values::positive(node, reading)?;
    if value >= LEAST {
        return Some(value);
    }
    let message = format!("an absolute error is from {LEAST:e}, and this is {value:?}");
    reading.fault(Diagnostic::error(code::OUT_OF_RANGE, message, node.span));
    None
}

/// Whether arms share random numbers, and whether scenarios do.
fn shared(node: &Node, reading: &mut Reading) -> Option<(bool, bool)> {
    let words = [("arms", true), ("scenarios", false)];
    let shared =
        values::list(node, reading, |item, reading| values::word(&words, item, reading))?;
    Some((shared.contains(&true), shared.contains(&false)))
}

const LEVELS: [(&str, OutputLevel); 5] = [
    ("operating", OutputLevel::Operating),
    ("findings", OutputLevel::Findings),
    ("participants", OutputLevel::Participants),
    ("records", OutputLevel::Records),
    ("truth", OutputLevel::Truth),
];

/// Tables that a run can leave.
const TABLES: [&str; 15] = [
    "operating",
    "findings",
    "adsl",
    "adlb",
    "adpc",
    "adeff",
    "adae",
    "adtte",
    "adex",
    "decisions",
    "addv",
    "twins",
    "truth",
    "truth_events",
    "exclusions",
];

/// Reads `[output]`.
pub(crate) fn output(
    file: &Node,
    simulation: Option<&Simulation>,
    reading: &mut Reading,
) -> Option<Output> {
    let table = Table::of_file(file, "output", keys::OUTPUT, reading)?;
    let repeated = simulation.is_some_and(|simulation| simulation.replicates > 1);
    let default = match repeated {
        true => (OutputLevel::Findings, "findings"),
        false => (OutputLevel::Records, "records"),
    };
    let level = table.or("level", default, reading, |n, r| values::word(&LEVELS, n, r));
    if level == OutputLevel::Operating && simulation.is_some() && !repeated {
        let message = "a trial that is not repeated has no operating characteristics";
        let span = table.place("level");
        reading.fault(
            Diagnostic::error(code::OUT_OF_RANGE, message, span)
                .help("say how often it is repeated, such as `simulation.replicates = 1000`"),
        );
    }
    let truth_every = table.read("truth_every", reading, values::positive_duration);
    if level < OutputLevel::Truth {
        let message = "`truth_every` is used by `level = \"truth\"`";
        table.unused("truth_every", message, reading);
    }
    let report = table.read("report", reading, values::flag).unwrap_or(false);
    let tables = table.read("tables", reading, table_names);
    Some(Output { level, truth_every, tables, report })
}

/// More true values of a participant than this are a slip: one a minute for two years.
const MOST_POINTS: f64 = 1e6;

/// The grid of true values has a size that can be kept.
pub(crate) fn check_grid(
    file: &Node,
    output: Option<&Output>,
    timeline: &Timeline,
    reading: &mut Reading,
) {
    let Some(every) = output.and_then(|output| output.truth_every) else { return };
    let begin = timeline.epochs.first().map_or(0.0, |epoch| epoch.from);
    let points = (timeline.end() - begin) / every;
    let entry = file.get("output").and_then(|entry| entry.node.get("truth_every"));
    if let Some(entry) = entry.filter(|_| points > MOST_POINTS && !timeline.faulty) {
        let message = format!("this gives {points:.0} true values of each observable");
        reading.fault(Diagnostic::error(code::OUT_OF_RANGE, message, entry.node.span));
    }
}

fn table_names(node: &Node, reading: &mut Reading) -> Option<Vec<String>> {
    let words = TABLES.map(|table| (table, table));
    values::list(node, reading, |item, reading| {
        values::word(&words, item, reading).map(str::to_owned)
    })
}
