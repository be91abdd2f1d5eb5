//! Files: reading them, what they use, and the space of names that each instance gets.

use super::sets::Member;
use super::world::{
    Bound, Entry, File, FileId, Frame, Instances, Named, Space, SpaceId, World,
};
use crate::syntax::{Head, Name, Statement, StatementKind, Tree, UnitText, parse_file};
use crate::{Declared, Model, Unit};
use proband_diag::{Diagnostic, Faults, Files, Fragment, Sources, Span, code};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

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
            faulted: BTreeSet::new(),
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

impl World {
    /// The space of a file: its names, those of the files it merges, and below it those of the files
    /// that it keeps apart.
    pub(crate) fn open_space(
        &mut self,
        file: FileId,
        prefix: String,
        bindings: BTreeMap<String, Rc<Bound>>,
    ) -> SpaceId {
        let id = self.spaces.len();
        self.spaces.push(Space { prefix, bindings, ..Space::default() });
        let mut statements = Vec::new();
        self.gather(id, file, &mut statements, &mut Vec::new());
        self.spaces[id].statements = statements;
        self.declare_sets(id);
        self.declare_names(id);
        for (statement, file) in self.spaces[id].statements.clone() {
            if let StatementKind::Use { name: Some(head), path_span, .. } = &statement.kind {
                match self.uses.get(path_span) {
                    Some(&used) => self.open_instances(id, file, &statement, head, used),
                    None => self.declare(id, &head.name, Entry::Silent, "file"),
                }
            }
        }
        id
    }

    /// The statements of a file, after those of the files it merges.
    fn gather(
        &mut self,
        space: SpaceId,
        file: FileId,
        statements: &mut Vec<(Rc<Statement>, FileId)>,
        merged: &mut Vec<FileId>,
    ) {
        merged.push(file);
        let own = self.files[file].tree.statements.clone();
        for statement in &own {
            let StatementKind::Use { path_span, name: None, .. } = &statement.kind else {
                continue;
            };
            match self.uses.get(path_span).copied() {
                None => self.spaces[space].any_name = true,
                Some(used) if merged.contains(&used) => {}
                Some(used) => {
                    let frame = Frame { space, file, indices: Vec::new(), locals: Vec::new() };
                    let bound = self.bindings(statement, &frame, used);
                    self.spaces[space].bindings.extend(bound);
                    self.gather(space, used, statements, merged);
                }
            }
        }
        statements.extend(own.into_iter().map(|statement| (statement, file)));
    }

    fn bindings(
        &self,
        statement: &Rc<Statement>,
        frame: &Frame,
        used: FileId,
    ) -> BTreeMap<String, Rc<Bound>> {
        let StatementKind::Use { bindings, .. } = &statement.kind else {
            return BTreeMap::new();
        };
        let bound = |position: usize| {
            Rc::new(Bound {
                statement: statement.clone(),
                position,
                frame: frame.clone(),
                file_name: self.files[used].name.clone(),
            })
        };
        let named = bindings.iter().enumerate();
        named.map(|(position, b)| (b.name.text.clone(), bound(position))).collect()
    }

    fn open_instances(
        &mut self,
        space: SpaceId,
        file: FileId,
        statement: &Rc<Statement>,
        head: &Head,
        used: FileId,
    ) {
        let (Some(over), Some(unrolled)) =
            (self.axes(space, &head.axes), self.unroll(space, file, &head.axes))
        else {
            self.declare(space, &head.name, Entry::Silent, "file");
            return;
        };
        let mut members: BTreeMap<Vec<Member>, SpaceId> = BTreeMap::new();
        for (key, frame) in unrolled {
            let full = format!("{}{}", self.spaces[space].prefix, head.name.text);
            let prefix = format!("{}.", member_name(&full, &key));
            let bindings = self.bindings(statement, &frame, used);
            members.insert(key, self.open_space(used, prefix, bindings));
        }
        self.check_bindings(statement, &members, used);
        let axes = over.into_iter().map(|axis| axis.set).collect();
        let entry = Entry::Instances(Rc::new(Instances { axes, members }));
        self.declare(space, &head.name, entry, "file");
    }

    /// Every name after `with` must be one that can be replaced.
    fn check_bindings(
        &mut self,
        statement: &Rc<Statement>,
        members: &BTreeMap<Vec<Member>, SpaceId>,
        used: FileId,
    ) {
        if let Some(&space) = members.values().next() {
            self.check_bindings_of(statement, space, used);
        }
    }

    pub(crate) fn check_bindings_of(
        &mut self,
        statement: &Rc<Statement>,
        space: SpaceId,
        used: FileId,
    ) {
        let StatementKind::Use { bindings, .. } = &statement.kind else { return };
        for binding in bindings {
            let name = &binding.name;
            let file = &self.files[used].name;
            let known = &self.spaces[space];
            let fault = match known.names.get(&name.text) {
                None if known.any_name || known.silenced.contains(&name.text) => continue,
                None => {
                    let names = known.names.keys().map(String::as_str);
                    let meant = proband_diag::nearest(&name.text, names);
                    let message = format!("`{file}` has no `{}`", name.text);
                    Diagnostic::error(code::UNKNOWN_NAME, message, name.span)
                        .maybe_help(meant.map(|n| format!("did you mean `{n}`?")))
                }
                Some(named) if ["covariate", "input", "param"].contains(&named.word) => {
                    continue;
                }
                Some(named) => {
                    let message = format!(
                        "`{}` of `{file}` is {} and cannot be replaced",
                        name.text,
                        with_article(named.word)
                    );
                    Diagnostic::error(code::NOT_BINDABLE, message, name.span)
                        .help("`with` replaces a covariate, an input or a parameter")
                }
            };
            self.faults.push(fault);
        }
    }

    /// Declares a name in a space; a fault if it is taken.
    pub(crate) fn declare(
        &mut self,
        space: SpaceId,
        name: &Name,
        entry: Entry,
        word: &'static str,
    ) {
        if let Some(first) = self.spaces[space].names.get(&name.text) {
            let message = format!("`{}` is declared twice", name.text);
            let fault = Diagnostic::error(code::DUPLICATE_NAME, message, name.span)
                .label(first.span, "first here")
                .help(self.declared_before(first.word, first.span, name.span));
            self.faults.push(fault);
            return;
        }
        let entry = if self.is_refused(name) { Entry::Silent } else { entry };
        self.spaces[space]
            .names
            .insert(name.text.clone(), Named { entry, word, span: name.span });
    }

    /// Whether a name is a word of the language, which is reported.
    pub(crate) fn is_refused(&mut self, name: &Name) -> bool {
        let refused = super::expression::is_reserved(&name.text);
        if refused {
            let message =
                format!("`{}` is a word of the language and cannot be a name", name.text);
            self.faults.push(Diagnostic::error(code::RESERVED_NAME, message, name.span));
        }
        refused
    }
}

/// `a[liver]`, `w[1, 2]`, or the name alone.
pub(crate) fn member_name(name: &str, key: &[Member]) -> String {
    if key.is_empty() {
        return name.to_owned();
    }
    let members: Vec<String> = key.iter().map(ToString::to_string).collect();
    format!("{name}[{}]", members.join(", "))
}

/// `a state`, `an input`.
pub(crate) fn with_article(word: &str) -> String {
    let article = if word.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
    format!("{article} {word}")
}
