//! Files: reading them, what they use, and the space of names that each instance gets.

use super::world::{File, FileId, World};
use crate::syntax::{Name, StatementKind, Tree, UnitText, parse_file};
use crate::{Declared, Model, Unit};
use proband_diag::{Diagnostic, Faults, Files, Fragment, Sources, Span, code};
use std::collections::{BTreeMap, BTreeSet};

/// Why a file cannot be used, in the same words on every system where it is just not there.
pub(crate) fn unreadable(path: &str, error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::NotFound => format!("there is no file `{path}`"),
        _ => format!("cannot read `{path}`: {error}"),
    }
}

/// Reads files, each once.
pub(crate) struct Reader<'a> {
    pub(crate) files: &'a dyn Files,
    pub(crate) sources: &'a mut Sources,
    pub(crate) faults: Faults,
    read: Vec<File>,
    uses: BTreeMap<Span, FileId>,
    /// Files that are being read, outermost first.
    open: Vec<String>,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(files: &'a dyn Files, sources: &'a mut Sources) -> Self {
        Self {
            files,
            sources,
            faults: Faults::default(),
            read: Vec::new(),
            uses: BTreeMap::new(),
            open: Vec::new(),
        }
    }

    /// Reads a text and the files that it uses.
    pub(crate) fn text(&mut self, fragment: &Fragment<'_>, path: &str) -> FileId {
        let tree = parse_file(fragment, &mut self.faults);
        let name = path.rsplit(['/', '\\']).next().unwrap_or(path).to_owned();
        let (declared, time) = self.head_of(&tree);
        let id = self.read.len();
        self.read.push(File {
            path: path.to_owned(),
            name,
            tree: Tree::default(),
            declared,
            time,
        });
        self.open.push(path.to_owned());
        for statement in &tree.statements {
            if let StatementKind::Use { path: used, path_span, .. } = &statement.kind {
                self.used(&joined(path, used), *path_span);
            }
        }
        self.open.pop();
        self.read[id].tree = tree;
        id
    }

    fn used(&mut self, path: &str, span: Span) {
        if self.open.iter().any(|open| open == path) {
            let message = format!("`{path}` uses itself");
            let chain: Vec<&str> = self.open.iter().map(String::as_str).collect();
            let help = format!("through {} -> {path}", chain.join(" -> "));
            self.faults.push(Diagnostic::error(code::CIRCULAR_USE, message, span).help(help));
            return;
        }
        if let Some(known) = self.read.iter().position(|file| file.path == path) {
            self.uses.insert(span, known);
            return;
        }
        let text = match self.files.read(path) {
            Ok(text) => text,
            Err(error) => {
                let message = unreadable(path, &error);
                let fault = Diagnostic::error(code::UNKNOWN_FILE, message, span)
                    .help("paths are taken from the file that names them");
                self.faults.push(fault);
                return;
            }
        };
        let before = self.faults.len();
        let source = self.sources.add(path, &text);
        let id = self.text(&Fragment::whole(source, &text), path);
        self.uses.insert(span, id);
        if self.faults.len() > before {
            let message = format!("`{path}` has faults of its own");
            let fault = Diagnostic::error(code::USED_FILE, message, span)
                .help("mend them first; they are listed at their places");
            self.faults.push(fault);
        }
    }

    /// The units that a file declares, and the unit in which it counts time.
    fn head_of(&mut self, tree: &Tree) -> (Declared, Unit) {
        let mut declared = Declared::default();
        let mut time = None;
        for statement in &tree.statements {
            match &statement.kind {
                StatementKind::Unit { name, value } => {
                    self.declare_unit(&mut declared, name, value.as_ref());
                }
                StatementKind::Time(text) => {
                    if time.is_some() {
                        let message = "`time` is said twice";
                        let fault =
                            Diagnostic::error(code::DUPLICATE_NAME, message, statement.span);
                        self.faults.push(fault);
                    }
                    time = Some(self.time_unit(&declared, text));
                }
                _ => {}
            }
        }
        (declared, time.unwrap_or_else(Unit::hour))
    }

    fn time_unit(&mut self, declared: &Declared, text: &UnitText) -> Unit {
        let unit = self.unit(declared, text).unwrap_or_else(Unit::hour);
        if !unit.same_dimension(&Unit::hour()) {
            let message = format!("`time` must be a time, not {unit}");
            self.faults.push(Diagnostic::error(code::UNIT_MISMATCH, message, text.span));
            return Unit::hour();
        }
        unit
    }

    fn unit(&mut self, declared: &Declared, text: &UnitText) -> Option<Unit> {
        let unknown = match Unit::parse(&text.text, declared) {
            Ok(unit) => return Some(unit),
            Err(unknown) => unknown,
        };
        let place = text.part(&unknown.range);
        let fault = Diagnostic::error(code::UNKNOWN_UNIT, unknown.message(), place);
        self.faults.push(fault.maybe_help(unknown.help()));
        None
    }

    fn declare_unit(
        &mut self,
        declared: &mut Declared,
        name: &Name,
        value: Option<&(f64, UnitText)>,
    ) {
        if declared.knows(&name.text) {
            let message = format!("the unit `{}` exists already", name.text);
            self.faults.push(Diagnostic::error(code::DUPLICATE_NAME, message, name.span));
            return;
        }
        let Some((number, text)) = value else {
            declared.add_dimension(&name.text);
            return;
        };
        let Some(unit) = self.unit(declared, text) else { return };
        if !declared.add_unit(&name.text, &format!("{number}"), &unit) {
            let message = format!("a unit cannot be {number} of another");
            self.faults.push(Diagnostic::error(code::OUT_OF_RANGE, message, name.span));
        }
    }

    /// All that was read, as a world whose names are not declared yet.
    pub(crate) fn world(self) -> World {
        let time = self.read[0].time.clone();
        let statements = self.read.iter().flat_map(|file| &file.tree.statements);
        // A statement that was not understood is not judged any further.
        let faulted = statements.filter(|s| s.faulty).map(|s| s.span).collect();
        World {
            model: empty_model(&self.read, time),
            files: self.read,
            spaces: Vec::new(),
            quantities: Vec::new(),
            items: Vec::new(),
            functions: Vec::new(),
            shared: BTreeMap::new(),
            faults: self.faults,
            unfound: Vec::new(),
            faulted,
            used: BTreeSet::new(),
            uses: self.uses,
            later: Vec::new(),
            events: Vec::new(),
            hazards: Vec::new(),
            doses: Vec::new(),
            waiting: BTreeMap::new(),
            touched: BTreeSet::new(),
            second: Vec::new(),
            stray: 0,
            moved: BTreeSet::new(),
            places: self.sources.clone(),
        }
    }
}

fn empty_model(files: &[File], time: Unit) -> Model {
    let mut model = Model {
        name: String::new(),
        title: None,
        sources: Vec::new(),
        time,
        symbols: Vec::new(),
        categories: Vec::new(),
        tables: Vec::new(),
        covariates: Vec::new(),
        inputs: Vec::new(),
        parameters: Vec::new(),
        blocks: Vec::new(),
        lets: Vec::new(),
        order: Vec::new(),
        states: Vec::new(),
        doses: Vec::new(),
        nexts: Vec::new(),
        jumps: Vec::new(),
        events: Vec::new(),
        hazards: Vec::new(),
        updates: Vec::new(),
        observables: Vec::new(),
    };
    for statement in &files[0].tree.statements {
        if let StatementKind::Model(name) = &statement.kind {
            model.name.clone_from(name);
            model.title.clone_from(&statement.text);
        }
    }
    for statement in files.iter().flat_map(|file| &file.tree.statements) {
        if let StatementKind::Source(source) = &statement.kind {
            model.sources.push(source.clone());
        }
    }
    model
}

/// The path of a used file, taken from the folder of the file that uses it.
fn joined(base: &str, used: &str) -> String {
    if used.starts_with('/') || used.contains(":\\") {
        return used.to_owned();
    }
    let folder = base.rfind(['/', '\\']).map_or("", |at| &base[..=at]);
    let mut parts: Vec<&str> = Vec::new();
    let whole = format!("{folder}{used}");
    for part in whole.split('/') {
        match part {
            "." => {}
            ".." if parts.last().is_some_and(|last| !last.is_empty() && *last != "..") => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts.join("/")
}
