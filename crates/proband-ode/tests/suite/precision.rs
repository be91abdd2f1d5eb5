//! Work against precision: what tolerance gives what error. The table stands in the book.

use crate::support::{Path, play, settings};
use crate::workloads::{Workload, w1, w2, w3, w4};
use proband_ode::Method;
use std::fmt::Write;

const TOLERANCES: [i32; 7] = [-4, -5, -6, -7, -8, -9, -10];
const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../proband/book/validation.md");
const BEGIN: &str = "<!-- work and precision -->\n";
const END: &str = "<!-- end -->";

/// Where samples are read from.
#[derive(Clone, Copy, PartialEq)]
enum From {
    /// Within steps, from their interpolants.
    Steps,
    /// Steps that end on them.
    Ends,
}

fn paths(workload: &Workload, method: Method, relative: f64, from: From) -> (Vec<Path>, u64) {
    let mut twins = workload.twins();
    if from == From::Ends {
        for twin in &mut twins {
            let looks = twin.samples.iter().map(|&t| (t, None));
            let mut stops: Vec<_> = twin.stops.iter().cloned().chain(looks).collect();
            // A sample at the time of a stop sees the state before it.
            stops.sort_by(|a, b| a.0.total_cmp(&b.0).then(b.1.is_none().cmp(&a.1.is_none())));
            let last = stops.pop().expect("there are stops");
            stops.retain(|(t, _)| *t < last.0);
            stops.push((last.0, None));
            twin.stops = stops;
        }
    }
    let settings = settings(method, workload.system.states, relative, 1e-3 * relative);
    let (paths, statistics, _) = play(&workload.system, &twins, &settings);
    (paths, (statistics.accepted + statistics.rejected) / twins.len() as u64)
}

/// Errors by tolerance, and steps of a patient.
struct Row {
    name: &'static str,
    method: Method,
    /// Error within steps, error at their ends, steps.
    cells: Vec<(f64, f64, u64)>,
}

impl Row {
    fn new(name: &'static str, workload: &Workload, method: Method) -> Self {
        let cell = |power| {
            let relative = tolerance(power);
            let (within, steps) = paths(workload, method, relative, From::Steps);
            let (landed, _) = paths(workload, method, relative, From::Ends);
            (workload.error(&within), workload.error(&landed), steps)
        };
        Self { name, method, cells: TOLERANCES.into_iter().map(cell).collect() }
    }

    /// A tenth of the tolerance leaves a fifth of the error at most.
    fn assert_falls(&self) {
        for pair in self.cells.windows(2) {
            let (error, finer) = (pair[0].0, pair[1].0);
            assert!(
                finer < 0.2 * error,
                "{} {:?}: {error:e} {finer:e}",
                self.name,
                self.method
            );
        }
    }

    /// What is read within steps is as good as what steps land on, or as good as was asked for.
    fn assert_dense(&self) {
        for (&(within, landed, _), power) in self.cells.iter().zip(TOLERANCES) {
            let allowed = (2.0 * landed).max(tolerance(power));
            assert!(within < allowed, "{} {:?}: {within:e} {landed:e}", self.name, self.method);
        }
    }

    fn show(&self) -> String {
        let mut line = format!("| {} | {:?} |", self.name, self.method);
        for (within, _, steps) in &self.cells {
            write!(line, " {within:.0e} ({steps}) |").expect("text grows");
        }
        line
    }
}

fn tolerance(power: i32) -> f64 {
    format!("1e{power}").parse().expect("a number")
}

/// Compares the page with the table; writes it there where `PROBAND_BLESS` is set.
fn assert_shown(table: &str) {
    let page = std::fs::read_to_string(PAGE).expect("the page");
    let (before, rest) = page.split_once(BEGIN).expect("the beginning of the table");
    let (shown, after) = rest.split_once(END).expect("the end of the table");
    if std::env::var_os("PROBAND_BLESS").is_some() {
        std::fs::write(PAGE, format!("{before}{BEGIN}{table}{END}{after}")).expect("the page");
        return;
    }
    assert_eq!(shown, table, "PROBAND_BLESS=1 writes the table");
}

#[test]
fn errors_follow_the_tolerance() {
    let workloads = [("W1", w1()), ("W2", w2()), ("W3", w3()), ("W4", w4())];
    let mut table = "| | method |".to_owned();
    for power in TOLERANCES {
        write!(table, " 1e{power} |").expect("text grows");
    }
    table += "\n|---|---|";
    table += &"---|".repeat(TOLERANCES.len());
    table.push('\n');
    for (name, workload) in &workloads {
        for method in [Method::Tsit5, Method::Rodas5P] {
            let row = Row::new(name, workload, method);
            row.assert_falls();
            row.assert_dense();
            table += &row.show();
            table.push('\n');
        }
    }
    assert_shown(&table);
}
