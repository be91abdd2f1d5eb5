//! `define.xml`: what is in the files of an export, as Define-XML 2.1 says it.
//!
//! Tables are item groups, columns are items with their label, length, unit (ODM's `MeasurementUnit`) and
//! the values that occur in a column of levels (`CodeList`). Source: CDISC, Define-XML Specification 2.1
//! and its XML schema (`define2-1-0.xsd`), which `tests/exports` holds the file against.

use crate::Study;
use crate::dataset::{Dataset, Variable};
use crate::error::{ExportError, Result};
use crate::tables;
use crate::xml::escaped;
use proband_engine::tables::Kind;
use proband_store::write_stream;
use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::Path;

/// The name of the file.
pub(crate) const NAME: &str = "define.xml";

/// Writes the description of the files of an export.
pub(crate) fn write(path: &Path, sets: &[Dataset], study: &Study) -> Result<()> {
    write_stream(path, |out| document(out, sets, study).map_err(ExportError::write(path)))
}

/// The identifier of a study: that of the trial.
pub(crate) fn study_oid(study: &Study) -> String {
    study.manifest.trial.clone()
}

/// The identifier of a description: that of the run.
pub(crate) fn version_oid(study: &Study) -> String {
    format!("MDV.{}", study.manifest.run)
}

/// The identifier of a table.
pub(crate) fn group_oid(set: &Dataset) -> String {
    format!("IG.{}", set.name)
}

/// The identifier of a column.
pub(crate) fn item_oid(set: &Dataset, variable: &Variable) -> String {
    format!("IT.{}.{}", set.name, variable.name)
}

fn list_oid(set: &Dataset, variable: &Variable) -> String {
    format!("CL.{}.{}", set.name, variable.name)
}

fn document(out: &mut dyn Write, sets: &[Dataset], study: &Study) -> io::Result<()> {
    let run = &study.manifest;
    let made = study.finished.iso();
    let (trial, id) = (escaped(&run.trial), escaped(&run.run));
    let title = escaped(run.title.as_deref().unwrap_or(&run.trial));
    let version = escaped(&run.version);
    writeln!(out, r#"<?xml version="1.0" encoding="UTF-8"?>"#)?;
    writeln!(
        out,
        r#"<ODM xmlns="http://www.cdisc.org/ns/odm/v1.3" xmlns:xlink="http://www.w3.org/1999/xlink" xmlns:def="http://www.cdisc.org/ns/def/v2.1" ODMVersion="1.3.2" FileType="Snapshot" FileOID="{trial}.{id}.define" CreationDateTime="{made}" AsOfDateTime="{made}" Originator="proband" SourceSystem="proband" SourceSystemVersion="{version}" def:Context="Other">"#
    )?;
    writeln!(out, r#"<Study OID="{trial}">"#)?;
    writeln!(out, "<GlobalVariables><StudyName>{trial}</StudyName>")?;
    writeln!(out, "<StudyDescription>{title}</StudyDescription>")?;
    writeln!(out, "<ProtocolName>{trial}</ProtocolName></GlobalVariables>")?;
    let units = Units::of(sets);
    units.write(out)?;
    let version_oid = escaped(&version_oid(study)).into_owned();
    writeln!(
        out,
        r#"<MetaDataVersion OID="{version_oid}" Name="Tables of run {id}" Description="Written by proband {version}" def:DefineVersion="2.1.0">"#
    )?;
    sets.iter().try_for_each(|set| group(out, set))?;
    for set in sets {
        set.variables.iter().try_for_each(|variable| item(out, set, variable, &units))?;
    }
    for set in sets {
        let lists = set.variables.iter().filter(|variable| has_list(variable));
        lists.into_iter().try_for_each(|variable| code_list(out, set, variable))?;
    }
    writeln!(out, "</MetaDataVersion></Study></ODM>")
}

/// The units of all columns, with their identifiers.
struct Units<'a>(BTreeMap<&'a str, String>);

impl<'a> Units<'a> {
    fn of(sets: &'a [Dataset]) -> Self {
        let mut units = BTreeMap::new();
        for unit in
            sets.iter().flat_map(|set| &set.variables).filter_map(|of| of.unit.as_deref())
        {
            let next = format!("MU.{}", units.len() + 1);
            units.entry(unit).or_insert(next);
        }
        Self(units)
    }

    fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        if self.0.is_empty() {
            return Ok(());
        }
        writeln!(out, "<BasicDefinitions>")?;
        for (unit, oid) in &self.0 {
            let unit = escaped(unit);
            write!(out, r#"<MeasurementUnit OID="{oid}" Name="{unit}"><Symbol>"#)?;
            writeln!(
                out,
                "<TranslatedText>{unit}</TranslatedText></Symbol></MeasurementUnit>"
            )?;
        }
        writeln!(out, "</BasicDefinitions>")
    }
}

fn group(out: &mut dyn Write, set: &Dataset) -> io::Result<()> {
    let about = tables::of(set.table);
    let (oid, name, source) = (group_oid(set), &set.name, set.table.name());
    let repeating = if about.structure == "One record per participant" { "No" } else { "Yes" };
    writeln!(
        out,
        r#"<ItemGroupDef OID="{oid}" Name="{name}" Repeating="{repeating}" IsReferenceData="No" Purpose="Analysis" def:Structure="{}" def:ArchiveLocationID="LF.{name}">"#,
        about.structure
    )?;
    describe(out, set.label)?;
    for (index, variable) in set.variables.iter().enumerate() {
        let (oid, number) = (escaped(&item_oid(set, variable)).into_owned(), index + 1);
        let mandatory = if variable.complete { "Yes" } else { "No" };
        write!(
            out,
            r#"<ItemRef ItemOID="{oid}" OrderNumber="{number}" Mandatory="{mandatory}""#
        )?;
        if let Some(key) = variable.key {
            write!(out, r#" KeySequence="{key}""#)?;
        }
        writeln!(out, "/>")?;
    }
    writeln!(out, r#"<Alias Context="proband table" Name="{source}"/>"#)?;
    match about.class {
        (class, None) => writeln!(out, r#"<def:Class Name="{class}"/>"#)?,
        (class, Some(narrower)) => writeln!(
            out,
            r#"<def:Class Name="{class}"><def:SubClass Name="{narrower}"/></def:Class>"#
        )?,
    }
    let file = escaped(&set.file);
    writeln!(
        out,
        r#"<def:leaf ID="LF.{name}" xlink:href="{file}"><def:title>{file}</def:title></def:leaf>"#
    )?;
    writeln!(out, "</ItemGroupDef>")
}

fn describe(out: &mut dyn Write, text: &str) -> io::Result<()> {
    let text = escaped(text);
    writeln!(
        out,
        r#"<Description><TranslatedText xml:lang="en">{text}</TranslatedText></Description>"#
    )
}

fn item(
    out: &mut dyn Write,
    set: &Dataset,
    variable: &Variable,
    units: &Units<'_>,
) -> io::Result<()> {
    let (oid, name) = (escaped(&item_oid(set, variable)).into_owned(), escaped(&variable.name));
    let kind = match variable.kind {
        Kind::Number => "float",
        Kind::Integer => "integer",
        Kind::Date if variable.format.is_some() => "integer",
        Kind::Date => "date",
        Kind::Level | Kind::Text | Kind::Flag => "text",
    };
    write!(out, r#"<ItemDef OID="{oid}" Name="{name}" DataType="{kind}""#)?;
    if variable.is_text() {
        write!(out, r#" Length="{}""#, variable.length)?;
    }
    if let Some(format) = variable.format {
        write!(out, r#" def:DisplayFormat="{format}""#)?;
    }
    writeln!(out, ">")?;
    describe(out, &variable.label)?;
    if let Some(oid) = variable.unit.as_deref().and_then(|unit| units.0.get(unit)) {
        writeln!(out, r#"<MeasurementUnitRef MeasurementUnitOID="{oid}"/>"#)?;
    }
    if has_list(variable) {
        let list = escaped(&list_oid(set, variable)).into_owned();
        writeln!(out, r#"<CodeListRef CodeListOID="{list}"/>"#)?;
    }
    let source = escaped(&variable.source);
    writeln!(out, r#"<Alias Context="proband column" Name="{source}"/>"#)?;
    writeln!(out, "</ItemDef>")
}

fn has_list(variable: &Variable) -> bool {
    !variable.levels.is_empty() && variable.piece == 0
}

fn code_list(out: &mut dyn Write, set: &Dataset, variable: &Variable) -> io::Result<()> {
    let oid = escaped(&list_oid(set, variable)).into_owned();
    let name = format!("Values of {} in {}", variable.name, set.name);
    writeln!(out, r#"<CodeList OID="{oid}" Name="{}" DataType="text">"#, escaped(&name))?;
    for (index, level) in variable.levels.iter().enumerate() {
        let (level, number) = (escaped(level), index + 1);
        writeln!(out, r#"<EnumeratedItem CodedValue="{level}" OrderNumber="{number}"/>"#)?;
    }
    writeln!(out, "</CodeList>")
}
