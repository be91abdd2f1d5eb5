//! The analyses of a plan over data that exist: real trials' tables, or those of a finished run.

use crate::reopening::Origin;
use crate::{Error, Failure, Faulty, Result, VERSION, findings_table, inputs::Inputs};
use proband_analysis::{
    Accumulator, DataColumn, DataTable, DataValues, Dataset, Finding, InMemory, Layout,
    findings,
};
use proband_diag::{Diagnostic, Faults, Sources, code};
use proband_report::{Document, Run};
use proband_store::{
    Provenance, RunFolder, UserColumn, UserTable, UserValues, content_hash, read_table, run_id,
    write_table, write_text,
};
use proband_trial::{Plan, Trial};
use std::fs;
use std::path::{Path, PathBuf};

/// The tables of a run that hold data; the others hold results, or what nobody observed.
const OF_A_RUN: [&str; 5] = ["adsl", "adlb", "adpc", "adtte", "adae"];

/// What came of a plan.
#[derive(Clone, Debug)]
pub struct Analysed {
    /// The plan and what it was checked against, as a trial of which nothing is simulated.
    pub trial: Trial,
    /// What was found.
    pub findings: Vec<Finding>,
    /// What a reader must know of the data, such as rows that were left out.
    pub notes: Vec<String>,
    /// What is probably not what was meant.
    pub warnings: Faults,
    /// The texts that faults stand in.
    pub sources: Sources,
    /// The files of the data with the hashes of their contents.
    data: Vec<(String, String)>,
}

/// Reads the data and the plan, and makes the analyses.
pub(crate) fn analyse(data: &[PathBuf], plan: &str) -> Result<Analysed> {
    let (mut sources, mut faults) = (Sources::default(), Faults::default());
    let run = data.iter().find_map(|path| trial_of_run(path));
    if let Some(trial) = run.as_ref().filter(|trial| trial.design.crossover.is_some()) {
        let message = format!("not supported yet: a plan over the periods of `{}`", trial.id);
        faults.push(Diagnostic::error_without_place(code::NOT_SUPPORTED, message));
    }
    let opened = Plan::open(plan, &Inputs, run.as_ref(), &mut sources, &mut faults);
    let read = tables(data, &mut faults);
    let both = opened.filter(|_| !faults.has_errors());
    let checked = both.and_then(|plan| {
        let (tables, hashes) = read;
        let dataset = Dataset::read(&plan, tables, &mut faults)?;
        let trial = plan.check(dataset.offered(), &mut faults)?;
        Some((dataset, trial, hashes))
    });
    let Some((dataset, trial, data)) = checked else {
        return Err(Error::Faulty(Faulty { sources, faults }));
    };
    let findings = found(&trial, &dataset)?;
    let notes = dataset.notes();
    Ok(Analysed { trial, findings, notes, warnings: faults, sources, data })
}

/// The trial whose finished run a folder holds; none of what is no run that this version would make again.
fn trial_of_run(path: &Path) -> Option<Trial> {
    let (folder, manifest) = RunFolder::finished(path).ok()?;
    Some(Origin::of_finished(&manifest).reopen(&folder).ok()?.trial)
}

fn found(trial: &Trial, dataset: &Dataset) -> Result<Vec<Finding>> {
    let layout = Layout::of(trial).map_err(|error| {
        Error::from(Faulty::one(code::NOT_SUPPORTED, error.to_string(), None))
    })?;
    let (mut sums, mut source) = (Accumulator::new(&layout), InMemory::new());
    for shard in dataset.columns(&layout) {
        sums.merge(&Accumulator::of(&layout, &shard));
        source.push(shard.into_columns());
    }
    findings(&layout, &sums, None, &source, 0).map_err(|error| Failure::Columns(error).into())
}

/// The tables of all files, with the hashes of the files.
fn tables(data: &[PathBuf], faults: &mut Faults) -> (Vec<DataTable>, Vec<(String, String)>) {
    let (mut tables, mut hashes): (Vec<DataTable>, _) = (Vec::new(), Vec::new());
    for (path, of_a_run) in data.iter().flat_map(|path| files(path)) {
        match table(&path, of_a_run) {
            Ok((table, hash)) => {
                if tables.iter().any(|known| known.name == table.name) {
                    let message = format!("two tables are named `{}`", table.name);
                    faults.push(Diagnostic::error_without_place(code::DUPLICATE_NAME, message));
                }
                hashes.push((format!("{}.{}", table.name, ending(&path)), hash));
                tables.push(table);
            }
            Err(message) => {
                faults.push(Diagnostic::error_without_place(code::DATA_FILE, message));
            }
        }
    }
    (tables, hashes)
}

/// The files that a path means: itself, or the tables of the run in a folder.
fn files(path: &Path) -> Vec<(PathBuf, bool)> {
    if !path.is_dir() {
        return vec![(path.to_owned(), false)];
    }
    let of_run = OF_A_RUN.map(|name| path.join(format!("{name}.parquet")));
    let there: Vec<_> = of_run.into_iter().filter(|path| path.exists()).collect();
    if there.is_empty() {
        // Its absence is told as that of any file.
        return vec![(path.join("adsl.parquet"), true)];
    }
    there.into_iter().map(|path| (path, true)).collect()
}

fn table(path: &Path, of_a_run: bool) -> std::result::Result<(DataTable, String), String> {
    let bytes = fs::read(path)
        .map_err(|error| format!("cannot read `{}`: {}", path.display(), reason(&error)))?;
    let table = read_table(path).map_err(|error| error.to_string())?;
    Ok((as_data(path, table, of_a_run), content_hash(&bytes)))
}

fn reason(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::NotFound => "there is no such file".to_owned(),
        _ => error.to_string(),
    }
}

fn ending(path: &Path) -> String {
    path.extension().map(|e| e.to_string_lossy().to_ascii_lowercase()).unwrap_or_default()
}

/// The table as analyses take it; columns of dates or lists are none that they can use.
fn as_data(path: &Path, table: UserTable, of_a_run: bool) -> DataTable {
    let name = path.file_stem().map(|stem| stem.to_string_lossy().to_ascii_lowercase());
    let column = |column: UserColumn| {
        let values = match column.values {
            UserValues::Numbers(numbers) => DataValues::Numbers(numbers),
            UserValues::Texts(texts) => DataValues::Texts(texts),
            UserValues::Unusable(_) => return None,
        };
        Some(DataColumn { name: column.name.to_ascii_lowercase(), unit: column.unit, values })
    };
    DataTable {
        name: name.unwrap_or_default(),
        columns: table.columns.into_iter().filter_map(column).collect(),
        rows: table.rows,
        visit_unit: of_a_run.then_some(7.0),
    }
}

impl Analysed {
    /// The summary.
    #[must_use]
    pub fn summary(&self) -> Document {
        let arms: Vec<String> = self.trial.arms.iter().map(|arm| arm.title.clone()).collect();
        let note = |note: &String| ("data".to_owned(), note.clone());
        let mut facts: Vec<(String, String)> = Vec::new();
        facts.extend(self.trial.source.iter().map(|s| ("source".to_owned(), s.clone())));
        facts.extend(self.notes.iter().map(note));
        facts
            .push(("analysis".to_owned(), format!("{} by proband {VERSION}", self.identity())));
        let run = Run {
            id: &self.trial.id,
            title: self.trial.title.as_deref(),
            facts: &facts,
            arms: &arms,
            defaults: &self.trial.defaults,
            failures: &[],
        };
        proband_report::summary(&run, &self.findings)
    }

    /// The hash of the plan, the data and the version: the same analyses of the same data have one.
    #[must_use]
    pub fn identity(&self) -> String {
        let mut all = vec![("version", VERSION.as_bytes())];
        all.extend(self.trial.inputs.iter().map(|(_, text)| ("plan", text.as_bytes())));
        all.extend(self.data.iter().map(|(name, hash)| (name.as_str(), hash.as_bytes())));
        run_id(&all)
    }

    /// Writes `findings.parquet`, `summary.md` and a copy of the plan below the folder `outputs`, and says
    /// where: `<outputs>/<id of the plan>/<hash of plan and data>`.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub fn write(&self, outputs: &Path) -> Result<PathBuf> {
        let folder = outputs.join(&self.trial.id).join(self.identity());
        let table = findings_table::batch(&self.trial, &self.findings);
        let provenance = Provenance {
            trial: self.trial.id.clone(),
            run: self.identity(),
            version: VERSION.to_owned(),
            seed: 0,
            hashes: self.data.clone(),
        };
        for (name, text) in &self.trial.inputs {
            let file = name.rsplit(['/', '\\']).next().unwrap_or(name);
            write_text(&folder.join(file), text)?;
        }
        write_text(&folder.join("summary.md"), &self.summary().to_markdown())?;
        write_table(&folder.join("findings.parquet"), &table, &provenance)?;
        Ok(folder)
    }
}
