//! The page of a finished run: its folder, and what the trial in it specifies.

use crate::reopening::Origin;
use crate::summary::Told;
use crate::{Failure, Finished, Result, findings_table};
use proband_analysis::{Characteristic, Finding};
use proband_cohort::{Covariate, Law, Marginal};
use proband_engine::tables::TableId;
use proband_math::distribution::Distribution;
use proband_report::{Asked, Cited, Compared, Report, Study, comparison};
use proband_store::{RunFolder, RunManifest, write_text};
use proband_trial::{Better, Endpoint, EndpointLevel, Trial, TrialModel};
use std::path::{Path, PathBuf};

/// The file in the folder of the run.
pub(crate) const FILE: &str = "report.html";

/// Writes the page of a finished run into its folder.
pub(crate) fn report(path: &Path) -> Result<PathBuf> {
    let (folder, report) = read(path)?;
    folder.write_file(FILE, report.to_html().as_bytes())?;
    Ok(path.join(FILE))
}

/// What a folder of a finished run tells.
fn read(path: &Path) -> Result<(RunFolder, Report)> {
    let (folder, manifest) = RunFolder::finished(path)?;
    let found = |name: &str| folder.table(name).exists();
    let findings = match found("findings") {
        true => findings_table::read_first(&folder.table("findings"))?,
        false => Vec::new(),
    };
    let operating = match found("operating") {
        true => findings_table::read_operating(&folder.table("operating"))?,
        false => Vec::new(),
    };
    // Of a run that another version made the page tells what its tables say.
    let trial = Origin::of_finished(&manifest).reopen(&folder).ok().map(|opened| opened.trial);
    let report = made(&folder, &manifest, &findings, &operating, trial.as_ref())?;
    Ok((folder, report))
}

/// Writes the page that compares finished runs.
pub(crate) fn compare(folders: &[PathBuf], file: &Path) -> Result<()> {
    let runs: Vec<Finished> =
        folders.iter().map(|folder| Finished::open(folder)).collect::<Result<_>>()?;
    let told: Vec<Told<'_>> = runs.iter().map(|run| Told::of(&run.manifest)).collect();
    let compared = told.iter().zip(&runs).map(|(told, run)| Compared {
        run: told.run(),
        id: &run.manifest.run,
        findings: &run.findings,
        operating: &run.operating,
    });
    Ok(write_text(file, &comparison(&compared.collect::<Vec<_>>()))?)
}

/// Writes the page of a run that is being finished, beside its tables. Of a trial that was repeated the
/// findings are in the table.
pub(crate) fn write(
    folder: &RunFolder,
    manifest: &RunManifest,
    findings: &[Finding],
    operating: &[Characteristic],
    trial: &Trial,
) -> Result<()> {
    let table = folder.table("findings");
    let first = match operating {
        [_, ..] if table.exists() => findings_table::read_first(&table)?,
        _ => findings.to_vec(),
    };
    let report = made(folder, manifest, &first, operating, Some(trial))?;
    Ok(folder.write_file(FILE, report.to_html().as_bytes())?)
}

fn made(
    folder: &RunFolder,
    manifest: &RunManifest,
    findings: &[Finding],
    operating: &[Characteristic],
    trial: Option<&Trial>,
) -> Result<Report> {
    let tables = tables(folder, manifest)?;
    let models: Vec<Cited> = of(trial, |trial| &trial.models, cited);
    let endpoints: Vec<Asked> = of(trial, |trial| &trial.endpoints, asked);
    let specified: Vec<_> = of(trial, |trial| trial.population.covariates(), specified);
    let specified: Vec<(String, Distribution)> = specified.into_iter().flatten().collect();
    let correlations: Vec<_> = trial.map(correlations).unwrap_or_default();
    let report = Report::of(&Study {
        run: Told::of(manifest).run(),
        id: &manifest.run,
        version: &manifest.version,
        tables: &tables,
        findings,
        operating,
        models: &models,
        endpoints: &endpoints,
        specified: &specified,
        correlations: &correlations,
    });
    Ok(report.map_err(Failure::Table)?)
}

/// The tables that have rows, with their files.
fn tables(folder: &RunFolder, manifest: &RunManifest) -> Result<Vec<(String, Vec<PathBuf>)>> {
    let is_empty =
        |name: &str| manifest.tables.iter().any(|table| table.table == name && table.rows == 0);
    let names = TableId::ALL.into_iter().map(TableId::name).filter(|name| !is_empty(name));
    names.map(|name| Ok((name.to_owned(), folder.files_of(name)?))).collect()
}

/// What is told of each thing of a kind in a trial.
fn of<T, U>(trial: Option<&Trial>, all: fn(&Trial) -> &[T], told: fn(&T) -> U) -> Vec<U> {
    trial.map(all).unwrap_or_default().iter().map(told).collect()
}

fn cited(model: &TrialModel) -> Cited {
    let model = &model.model;
    Cited {
        name: model.name.clone(),
        title: model.title.clone(),
        sources: model.sources.clone(),
    }
}

fn asked(endpoint: &Endpoint) -> Asked {
    Asked {
        paramcd: endpoint.paramcd.clone(),
        title: endpoint.title.clone(),
        is_primary: endpoint.level == EndpointLevel::Primary,
        better: endpoint.better.map(|better| match better {
            Better::Higher => "higher",
            Better::Lower => "lower",
        }),
    }
}

fn specified(covariate: &Covariate) -> Option<(String, Distribution)> {
    match &covariate.law {
        Law::Drawn(Marginal::Distribution(law)) if covariate.levels.is_none() => {
            Some((covariate.name.clone(), law.clone()))
        }
        _ => None,
    }
}

fn correlations(trial: &Trial) -> Vec<(String, String, f64)> {
    let name = |place: usize| trial.population.covariates()[place].name.clone();
    let pairs = trial.population.correlations().iter();
    pairs.map(|pair| (name(pair.first), name(pair.second), pair.coefficient)).collect()
}
